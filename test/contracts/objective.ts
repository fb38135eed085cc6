import { expect } from 'vitest'
import type { Batch, Floats, Kernels, Negatives, PairValues } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import type { ScoreObjectiveDefinition } from '../../src/objectives/objective.ts'
import { describeOptions } from '../../src/options.ts'
import { randomBatch, randomFloats, randomInts } from '../support/toy.ts'
import { contract, type Skip } from './contract.ts'
import { otherValue } from './perturb.ts'

export interface Expectations {
  /** tests that do not apply, and why */
  readonly skip?: readonly Skip[]
}

const SIZE = 6
const ITEMS = 9

interface Case {
  readonly perPositive: number
  readonly pickedHops: number
  readonly weighted?: boolean
  /** slots that hold nothing */
  readonly empty?: readonly number[]
  /** what scores are multiplied by; 2 keeps the derivatives away from 0 and 1 */
  readonly scale?: number
}

interface Setting {
  readonly kernels: Kernels
  readonly batch: Batch
  readonly negatives: Negatives
  readonly scores: PairValues
}

/** A batch with random scores: the objective is looked at alone, without any model. */
function setting(
  kernels: Kernels,
  { perPositive, pickedHops, weighted = false, empty = [], scale = 2 }: Case,
): Setting {
  const slots = SIZE * perPositive
  const items = randomInts(kernels, slots * pickedHops, ITEMS, 9)
  for (const slot of empty) items.fill(-1, slot * pickedHops, (slot + 1) * pickedHops)
  const scores = { positive: randomFloats(kernels, SIZE, 1), negative: randomFloats(kernels, slots, 2) }
  for (const values of [scores.positive, scores.negative])
    for (let at = 0; at < values.length; at++) values[at] *= scale
  const mix = pickedHops > 1 ? randomFloats(kernels, slots * pickedHops, 3).map(Math.abs) : undefined
  return {
    kernels,
    batch: randomBatch(kernels, SIZE, 5, ITEMS, weighted),
    negatives: { perPositive, pickedHops, items, ...(mix && { mix: kernels.memory.copy(mix) }) },
    scores,
  }
}

interface Outcome {
  readonly positive: Floats
  readonly negative: Floats
  readonly loss: Floats
}

/** Derivatives and losses, into arrays that hold something else before. */
function differentiate(definition: ScoreObjectiveDefinition, options: object, given: Setting): Outcome {
  const { kernels, batch, negatives, scores } = given
  const filled = (length: number) => kernels.memory.floats(length).fill(7)
  const derivatives = { positive: filled(SIZE), negative: filled(scores.negative.length) }
  const loss = filled(SIZE)
  definition.create(kernels, options).differentiate(batch, negatives, scores, derivatives, loss)
  return { ...derivatives, loss }
}

const meanLoss = ({ loss }: Outcome) => Array.from(loss).reduce((sum, value) => sum + value, 0) / SIZE

const CASES: readonly Case[] = [
  { perPositive: 1, pickedHops: 1 },
  { perPositive: 3, pickedHops: 1, weighted: true },
  { perPositive: 3, pickedHops: 2, weighted: true, empty: [1, 6, 7, 8] },
]

/** What every objective on scores must do. */
export function objectiveContract(definition: ScoreObjectiveDefinition, { skip = [] }: Expectations = {}): void {
  const run = (given: Setting, options: object = {}) => differentiate(definition, options, given)

  contract(`objective "${definition.name}"`, skip, test => {
    test('derivatives agree with central differences in f64, within 1e-8', () => {
      for (const each of CASES) {
        const given = setting(createReferenceKernels('f64'), each)
        const derivatives = run(given)
        for (const side of ['positive', 'negative'] as const) {
          const values = given.scores[side]
          for (let at = 0; at < values.length; at++) {
            const kept = values[at]
            values[at] = kept + 1e-5
            const above = meanLoss(run(given))
            values[at] = kept - 1e-5
            const difference = (above - meanLoss(run(given))) / 2e-5
            values[at] = kept
            expect(Math.abs(difference - derivatives[side][at]), `${side} ${at}`).toBeLessThan(1e-8)
          }
        }
        expect(derivatives.positive.some(value => Math.abs(value) > 1e-3)).toBe(true)
      }
    })

    test('a larger positive or a smaller negative score never costs', () => {
      const { positive, negative } = run(setting(createReferenceKernels('f64'), CASES[1]))
      expect(Math.max(...positive)).toBeLessThanOrEqual(0)
      expect(Math.min(...negative)).toBeGreaterThanOrEqual(0)
    })

    test('the loss falls along the negative gradient', () => {
      const given = setting(createReferenceKernels('f64'), CASES[1])
      let before = meanLoss(run(given))
      for (let step = 0; step < 20; step++) {
        const { positive, negative } = run(given)
        for (let b = 0; b < SIZE; b++) given.scores.positive[b] -= 2 * positive[b]
        for (let s = 0; s < negative.length; s++) given.scores.negative[s] -= 2 * negative[s]
        const after = meanLoss(run(given))
        // a loss with a margin ends at 0
        if (before > 0) expect(after).toBeLessThan(before)
        before = after
      }
    })

    test('losses are not negative', () => {
      for (const each of CASES)
        for (const value of run(setting(createKernels(), each)).loss) expect(value).toBeGreaterThanOrEqual(0)
    })

    test('weights scale loss and derivatives of their positive, and 1 is as none', () => {
      const kernels = createReferenceKernels('f64')
      const plain = setting(kernels, { perPositive: 3, pickedHops: 1 })
      const weights = Float64Array.of(1, 0.5, 3, 0, 1, 0.25)
      const expected = run(plain)
      const actual = run({ ...plain, batch: { ...plain.batch, weights } })
      for (let b = 0; b < SIZE; b++) {
        expect(actual.loss[b]).toBeCloseTo(weights[b] * expected.loss[b], 12)
        expect(actual.positive[b]).toBeCloseTo(weights[b] * expected.positive[b], 12)
        for (let slot = 3 * b; slot < 3 * b + 3; slot++)
          expect(actual.negative[slot]).toBeCloseTo(weights[b] * expected.negative[slot], 12)
      }
      expect(run({ ...plain, batch: { ...plain.batch, weights: weights.map(() => 1) } })).toEqual(expected)
    })

    test('an empty slot counts for nothing, whatever its score', () => {
      const kernels = createReferenceKernels('f64')
      // positive 0 has its middle slot empty, positive 2 all of them
      const given = setting(kernels, { perPositive: 3, pickedHops: 1, empty: [1, 6, 7, 8] })
      const expected = run(given)
      for (const slot of [1, 6, 7, 8]) {
        expect(expected.negative[slot]).toBe(0)
        given.scores.negative[slot] = 1e4
      }
      expect(run(given)).toEqual(expected)
    })

    test('an empty slot is as one that is not there', () => {
      const kernels = createReferenceKernels('f64')
      const three = setting(kernels, { perPositive: 3, pickedHops: 1, empty: [0, 3, 6, 9, 12, 15] })
      const two = setting(kernels, { perPositive: 2, pickedHops: 1 })
      for (let slot = 0; slot < 2 * SIZE; slot++) {
        const other = 3 * Math.floor(slot / 2) + 1 + (slot % 2)
        two.scores.negative[slot] = three.scores.negative[other]
        two.negatives.items[slot] = three.negatives.items[other]
      }
      const [actual, expected] = [run(three), run(two)]
      expect(actual.positive).toEqual(expected.positive)
      expect(actual.loss).toEqual(expected.loss)
      expect(actual.negative.filter((_, slot) => slot % 3 > 0)).toEqual(expected.negative)
    })

    test('finite at score differences of 1e4 either way, on every backend', () => {
      const backends = [createKernels(), createReferenceKernels('f32'), createReferenceKernels('f64')]
      for (const kernels of backends) {
        const given = setting(kernels, { perPositive: 2, pickedHops: 1 })
        given.scores.positive.set([5e3, -5e3, 1e4, -1e4, 0, 0])
        given.scores.negative.set([-5e3, -5e3, 5e3, 5e3, 0, -1e4, 0, 1e4, 1e4, -1e4, 0, 0])
        const { positive, negative, loss } = run(given)
        const all = [...positive, ...negative, ...loss]
        expect(all.filter(value => !Number.isFinite(value))).toEqual([])
      }
    })

    test('the fast backend is within 1e-6 of the f64 reference, relative to the largest', () => {
      for (const each of [...CASES, { perPositive: 2, pickedHops: 1, scale: 30 }]) {
        const expected = run(setting(createReferenceKernels('f64'), each))
        const actual = run(setting(createKernels(), each))
        for (const name of ['positive', 'negative', 'loss'] as const) {
          const scale = Math.max(1, ...expected[name].map(Math.abs))
          for (const [at, value] of expected[name].entries())
            expect(Math.abs(actual[name][at] - value) / scale, `${name} ${at}`).toBeLessThan(1e-6)
        }
      }
    })

    test('scores are left as they are', () => {
      const given = setting(createKernels(), CASES[2])
      const before = [...given.scores.positive, ...given.scores.negative]
      run(given)
      expect([...given.scores.positive, ...given.scores.negative]).toEqual(before)
    })

    test('every option does something', () => {
      const outcome = (options: object) => run(setting(createKernels(), CASES[1]), options)
      for (const option of describeOptions(definition.options)) {
        const value = otherValue(option, option.default)
        expect(outcome({ [option.name]: value }), option.name).not.toEqual(outcome({}))
      }
    })

    test('unknown options are refused', () => {
      expect(() => run(setting(createKernels(), CASES[0]), { temperatur: 1 })).toThrow(
        `objective "${definition.name}": unknown option --temperatur`,
      )
    })
  })
}
