/** What parts of one's own may get wrong is said where it shows, not where a file cannot be written or read. */
import { expect, it } from 'vitest'
import { z } from 'zod'
import { historiesOf } from '../src/dataset/histories.ts'
import { evaluate } from '../src/evaluation/evaluate.ts'
import {
  createDataset,
  createReferenceKernels,
  createSplit,
  createVocabulary,
  type Recommendations,
  withParts,
} from '../src/index.ts'
import { defineJudge, NEGATIVE, NO_CANDIDATE, POSITIVE, type Verdicts } from '../src/judges/judge.ts'
import { defineUserMetric } from '../src/metrics/metric.ts'
import type { Part } from '../src/registry.ts'
import { randomCodes } from './support/judging.ts'

const ids = (count: number) => createVocabulary(Array.from({ length: count }, (_, at) => at))
const train = createDataset({ users: Int32Array.of(0, 0, 1), items: Int32Array.of(0, 1, 2) }, ids(2), ids(4))
const row = (...items: number[]) => ({ offsets: Int32Array.of(0, items.length, items.length), indices: Int32Array.from(items) }) // biome-ignore format: one line
const { test } = createSplit(train, row(), row(2))
const metric = (name: string, value = () => 1) => defineUserMetric({ name, summary: 's', source: 'o', value })
const lists = (...items: number[]): Recommendations => ({ k: 2, items: Int32Array.from(items), scores: new Float32Array(items.length) }) // biome-ignore format: one line
const rank = (result: Recommendations, value?: () => number) =>
  evaluate(
    { users: 2, items: 4, recommend: () => result },
    { truth: test, histories: historiesOf(train), seen: train.byUser, cutoffs: [2], seed: 1, metrics: [metric('own', value)] }, // biome-ignore format: one line
  )

it('lists with items that there are not, twice, or seen, or of another length; metrics that are no numbers', () => {
  expect(rank(lists(2, -1)).metrics['own@2']).toBe(1)
  expect(() => rank(lists(2, 4))).toThrow('recommend: expected items 0 to 3, or −1 where none is left, got 4')
  expect(() => rank(lists(2, -7))).toThrow('got -7')
  expect(() => rank(lists(2, 2))).toThrow('recommend: item 2 stands twice in the list of a user, or was seen; leave it out') // biome-ignore format: one line
  expect(() => rank(lists(0, 2))).toThrow('recommend: item 0 stands twice in the list of a user, or was seen')
  expect(() => rank(lists(2))).toThrow('recommend: expected 2 places for each of 1 users, got 1')
  expect(() => rank(lists(2, 3), () => Number.NaN)).toThrow('metric "own@2": expected a number, got NaN')
})

it('labels that there are not, of another length, and confidences beyond 0 to 1', async () => {
  const asked = { k: 2, items: Int32Array.of(2, 3, 0, -1), scores: new Float32Array(4) }
  const rule = (labels: number[], confidence = [1, 1, 1, 0]) => {
    const judge = defineJudge({
      ...{ name: 'own', summary: 's', source: 'o', options: z.object({}) },
      create: () => async () => ({ labels: Int8Array.from(labels), confidence: Float32Array.from(confidence) }),
    })
    return judge
      .create({ train, codes: randomCodes(4), kernels: createReferenceKernels(), seed: 1 }, {}, {})
      .judge(asked) as Promise<Verdicts>
  }
  const right = [POSITIVE, NEGATIVE, POSITIVE, NO_CANDIDATE]
  expect((await rule(right)).labels).toHaveLength(4)
  await expect(rule([POSITIVE])).rejects.toThrow('judge "own": expected labels and confidence of 4 places, got 1 and 4')
  await expect(rule([5, ...right.slice(1)])).rejects.toThrow('NO_CANDIDATE without one, got 5 at place 0')
  await expect(rule(right, [7, 1, 1, 0])).rejects.toThrow('judge "own": expected a confidence of 0 to 1, got 7 at place 0') // biome-ignore format: one line
})

it('names that are no flags, and options that are none', () => {
  const own = (part: Part) => () => withParts([part], () => undefined)
  expect(own(metric('My Metric'))).toThrow('metric "My Metric": expected a name of lower-case words joined by hyphens')
  expect(own({ ...metric('own'), options: {} as never })).toThrow('metric "own": options: expected an object of zod 4, such as z.object({})') // biome-ignore format: one line
})
