import { expect } from 'vitest'
import {
  type Candidates,
  INVALID,
  type JudgeContext,
  type JudgeDefinition,
  NEGATIVE,
  NO_CANDIDATE,
  POSITIVE,
} from '../../src/judges/judge.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { describeOptions } from '../../src/options.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'
import { contract, type Skip } from './contract.ts'
import { otherValue } from './perturb.ts'

/** What a judge needs that is not made up from a seed. */
export interface Setup {
  readonly options?: Readonly<Record<string, unknown>>
  readonly runtime?: Readonly<Record<string, unknown>>
  readonly folder?: string
}

export interface Expectations {
  /** called in each test */
  readonly setup?: (context: JudgeContext, candidates: Candidates) => Promise<Setup>
  /** tests that do not apply, and why */
  readonly skip?: readonly Skip[]
  /** values of options that must change the verdicts; others are tried with another value of their range */
  readonly changes?: Readonly<Record<string, unknown>>
}

const train = randomDataset(40, 60, 0.08)
const candidates = randomCandidates(train, 6)
const codes = randomCodes(train.items)

/** What every judge must do. */
export function judgeContract(definition: JudgeDefinition, { skip = [], changes = {}, setup }: Expectations): void {
  const create = async (options: object = {}, context: Partial<JudgeContext> = {}) => {
    const whole: JudgeContext = { train, codes, kernels: createKernels(), seed: 1, ...context }
    const { options: needed, runtime, folder } = (await setup?.(whole, candidates)) ?? {}
    return definition.create({ ...whole, folder }, { ...needed, ...options }, runtime)
  }
  const judge = async (options: object = {}, context: Partial<JudgeContext> = {}, asked = candidates) =>
    (await create(options, context)).judge(asked)

  contract(`judge "${definition.name}"`, skip, test => {
    test('a label and a confidence for every place', async () => {
      const { labels, confidence } = await judge()
      expect(labels).toHaveLength(candidates.items.length)
      expect(confidence).toHaveLength(candidates.items.length)
      candidates.items.forEach((item, place) => {
        if (item < 0) expect(labels[place]).toBe(NO_CANDIDATE)
        else expect([POSITIVE, NEGATIVE, INVALID]).toContain(labels[place])
        expect(confidence[place]).toBeGreaterThanOrEqual(0)
        expect(confidence[place]).toBeLessThanOrEqual(1)
        if (labels[place] < 0) expect(confidence[place]).toBe(0)
      })
    })

    test('no negative has more confidence than a positive', async () => {
      const { labels, confidence } = await judge()
      const negatives = confidence.filter((_, place) => labels[place] === NEGATIVE)
      const positives = confidence.filter((_, place) => labels[place] === POSITIVE)
      expect(positives.length).toBeGreaterThan(0)
      expect(Math.max(0, ...negatives)).toBeLessThan(Math.min(...positives))
    })

    test('the same verdicts again, and from the reference kernels', async () => {
      const verdicts = await judge()
      expect(await judge()).toEqual(verdicts)
      expect(await judge({}, { kernels: createReferenceKernels() })).toEqual(verdicts)
    })

    test('a verdict does not hang on the other candidates', async () => {
      const alone = candidates.items.map((item, place) => (place % 6 === 2 ? item : -1))
      const [some, all] = [await judge({}, {}, { ...candidates, items: alone }), await judge()]
      alone.forEach((item, place) => {
        if (item >= 0)
          expect([some.labels[place], some.confidence[place]]).toEqual([all.labels[place], all.confidence[place]])
      })
    })

    test('provenance says who judged, with every option', async () => {
      const { provenance } = await judge(changes, { seed: 7 })
      expect(provenance).toMatchObject({ judge: definition.name, options: changes, seed: 7 })
      expect(JSON.parse(JSON.stringify(provenance))).toEqual(provenance)
    })

    test('every option does something', async () => {
      const { labels } = await judge()
      for (const option of describeOptions(definition.options)) {
        const value = changes[option.name] ?? otherValue(option, option.default)
        expect((await judge({ [option.name]: value })).labels, option.name).not.toEqual(labels)
      }
    })

    test('candidates of another data set are refused', async () => {
      await expect(judge({}, {}, { ...candidates, k: 7 })).rejects.toThrow(
        'judge: 240 candidate places are not 7 for each of 40 users; make candidates for this data set',
      )
    })

    test('unknown options are refused', async () => {
      await expect(async () => judge({ threshold: 3 })).rejects.toThrow(
        `judge "${definition.name}": unknown option --threshold`,
      )
    })

    test('stops when aborted', async () => {
      const { judge } = await create()
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(judge(candidates, { signal })).rejects.toThrow('enough')
    })
  })
}
