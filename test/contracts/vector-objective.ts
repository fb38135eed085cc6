import { expect } from 'vitest'
import type { Batch, Floats, Kernels, Negatives } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { residentPattern } from '../../src/models/rows.ts'
import type { BatchVectors, VectorContext, VectorObjectiveDefinition } from '../../src/objectives/objective.ts'
import { describeOptions } from '../../src/options.ts'
import { randomBatch, randomDataset, randomFloats, randomInts } from '../support/toy.ts'
import { contract, type Skip } from './contract.ts'
import { otherValue } from './perturb.ts'

export interface VectorExpectations {
  /** tests that do not apply, and why */
  readonly skip?: readonly Skip[]
  /** options that keep a test quick */
  readonly options?: Readonly<Record<string, unknown>>
}

const SIZE = 6
const K = 2
const D = 8
const train = randomDataset(5, 9, 0.3)
const AT = { epoch: 2, batch: 1 }
const NAMES = ['users', 'positives', 'negatives', 'shared'] as const

interface Setting {
  readonly weights?: readonly number[]
  /** slots that hold nothing */
  readonly empty?: readonly number[]
  readonly vectors?: Partial<Record<(typeof NAMES)[number], 'zero' | 'huge'>>
  readonly at?: typeof AT
  readonly seed?: number
}

/** An objective on random vectors, and a call of it. */
export function vectorSetting(
  definition: VectorObjectiveDefinition,
  options: object,
  kernels: Kernels,
  given: Setting,
) {
  const { memory } = kernels
  const forbidden = residentPattern(memory, train.byUser)
  const context: VectorContext = { kernels, train, forbidden, dimensions: D, batchSize: 8, perPositive: K, seed: given.seed ?? 3 } // biome-ignore format: one line
  const objective = definition.create(context, options)
  const weights = given.weights && memory.floats(SIZE)
  weights?.set(given.weights!)
  const batch: Batch = { ...randomBatch(kernels, SIZE, 5, 9), ...(weights && { weights }) }
  const items = randomInts(kernels, SIZE * K, 9, 9)
  for (const slot of given.empty ?? []) items[slot] = -1
  const negatives: Negatives = { perPositive: K, pickedHops: 1, items }
  const shared = memory.ints(objective.sharedCount(SIZE))
  objective.share(batch, given.at ?? AT, shared)
  const counts = { users: SIZE, positives: SIZE, negatives: SIZE * K, shared: shared.length }
  const make = (value: (name: (typeof NAMES)[number], at: number) => Floats) =>
    Object.fromEntries(NAMES.map((name, at) => [name, value(name, at)])) as unknown as BatchVectors
  const vectors = make((name, at) => {
    const values = randomFloats(kernels, counts[name] * D, 20 + at)
    const kind = given.vectors?.[name]
    if (kind) for (let i = 0; i < values.length; i++) values[i] *= kind === 'zero' ? 0 : 1e4
    return values
  })
  for (const slot of given.empty ?? []) vectors.negatives.fill(0, slot * D, (slot + 1) * D)
  const run = () => {
    const gradients = make(name => memory.floats(counts[name] * D).fill(7))
    const scores = { positive: memory.floats(SIZE), negative: memory.floats(SIZE * K) }
    const loss = memory.floats(SIZE).fill(7)
    objective.differentiate(batch, negatives, shared, vectors, gradients, scores, loss)
    return { gradients, scores, loss, total: Array.from(loss).reduce((sum, value) => sum + value, 0) / SIZE }
  }
  return { vectors, shared, negatives, batch, run }
}

/** What every objective on vectors must do. */
export function vectorObjectiveContract(
  definition: VectorObjectiveDefinition,
  { skip = [], options = {} }: VectorExpectations = {},
): void {
  const setting = (kernels: Kernels, given: Setting = {}, own: object = {}) =>
    vectorSetting(definition, { ...options, ...own }, kernels, given)

  contract(`objective "${definition.name}"`, skip, test => {
    test('gradients agree with central differences in f64, within 1e-7', () => {
      const weights = [1, 0.5, 3, 0, 1, 0.25]
      const { vectors, run } = setting(createReferenceKernels('f64'), { weights, empty: [1, 6] })
      const { gradients } = run()
      for (const name of NAMES) {
        vectors[name].forEach((kept, at) => {
          vectors[name][at] = kept + 1e-5
          const above = run().total
          vectors[name][at] = kept - 1e-5
          const difference = (above - run().total) / 2e-5
          vectors[name][at] = kept
          const empty = name === 'negatives' && [1, 6].includes(Math.floor(at / D))
          if (!empty) expect(Math.abs(difference - gradients[name][at]), `${name} ${at}`).toBeLessThan(1e-7)
        })
      }
      expect(gradients.users.some(value => Math.abs(value) > 1e-3)).toBe(true)
    })

    test('weights scale the loss of their positive, and 1 is as none', () => {
      const kernels = createReferenceKernels('f64')
      const plain = setting(kernels).run()
      expect(setting(kernels, { weights: [1, 1, 1, 1, 1, 1] }).run()).toEqual(plain)
      const weights = [1, 0.5, 3, 0, 1, 0.25]
      const { loss } = setting(kernels, { weights }).run()
      weights.forEach((weight, b) => {
        expect(loss[b]).toBeCloseTo(weight * plain.loss[b], 12)
      })
    })

    test('the fast backend is within 1e-5 of the f64 reference, relative to the largest', () => {
      const expected = setting(createReferenceKernels('f64'), { empty: [3] }).run()
      const actual = setting(createKernels(), { empty: [3] }).run()
      const compare = (name: string, a: Floats, e: Floats) => {
        const scale = Math.max(1e-3, ...Array.from(e, Math.abs))
        e.forEach((value, at) => {
          expect(Math.abs(a[at] - value) / scale, `${name} ${at}`).toBeLessThan(1e-5)
        })
      }
      for (const name of NAMES) compare(name, actual.gradients[name], expected.gradients[name])
      compare('loss', actual.loss, expected.loss)
      compare('positive', actual.scores.positive, expected.scores.positive)
    })

    test('vectors of zeros, and of huge values, leave every number finite', () => {
      for (const kernels of [createKernels(), createReferenceKernels('f64')])
        for (const kind of ['zero', 'huge'] as const)
          for (const names of [['users'], ['positives', 'negatives'], [...NAMES]] as const) {
            const vectors = Object.fromEntries(names.map(name => [name, kind]))
            const { gradients, loss } = setting(kernels, { vectors }).run()
            const all = [...NAMES.flatMap(name => Array.from(gradients[name])), ...loss]
            expect(all.filter(value => !Number.isFinite(value))).toEqual([])
          }
    })

    test('what a batch shares depends on seed, epoch and batch, and on nothing before', () => {
      const shared = (given: Setting) => Array.from(setting(createKernels(), given).shared)
      const usual = shared({})
      expect(shared({})).toEqual(usual)
      if (usual.length === 0) return
      for (const given of [{ seed: 4 }, { at: { epoch: 3, batch: 1 } }, { at: { epoch: 2, batch: 2 } }])
        expect(shared(given)).not.toEqual(usual)
    })

    test('vectors are left as they are', () => {
      const { vectors, run } = setting(createKernels())
      const before = NAMES.map(name => vectors[name].slice())
      run()
      expect(NAMES.map(name => vectors[name])).toEqual(before)
    })

    test('every option does something', () => {
      const outcome = (own: object) => setting(createKernels(), {}, own).run().loss
      for (const option of describeOptions(definition.options)) {
        const current = (options as Record<string, unknown>)[option.name] ?? option.default
        expect(outcome({ [option.name]: otherValue(option, current) }), option.name).not.toEqual(outcome({}))
      }
    })

    test('unknown options are refused', () => {
      expect(() => setting(createKernels(), {}, { temperatur: 1 })).toThrow(
        `objective "${definition.name}": unknown option --temperatur`,
      )
    })
  })
}
