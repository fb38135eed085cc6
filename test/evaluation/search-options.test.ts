import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { historiesOf } from '../../src/dataset/histories.ts'
import { createSplit } from '../../src/dataset/split.ts'
import { bestSearch, searchOptions } from '../../src/evaluation/search-options.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { defineBaseline, recommendByScores } from '../../src/models/baselines/baseline.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(6, 40, 0.2)
/** Every user holds out the first item that is not theirs. */
const heldOut = Int32Array.from({ length: train.users }, (_, user) => {
  const own = train.byUser.indices.subarray(train.byUser.offsets[user], train.byUser.offsets[user + 1])
  return Array.from({ length: train.items }, (_, item) => item).find(item => !own.includes(item))!
})
const valid = { offsets: Int32Array.from({ length: train.users + 1 }, (_, user) => user), indices: heldOut }
const split = createSplit(train, valid, valid)
const request = { truth: split.valid, histories: historiesOf(train), seen: train.byUser, seed: 1 }
const context = { train, kernels: createKernels(), seed: 1 }

/** Ranks the held-out items first when a = 2 and b = 3, near the top when one of them is right, else last. */
const knob = defineBaseline({
  name: 'knob',
  summary: 'x',
  source: 'x',
  options: z.object({ a: z.number().default(0), b: z.number().default(0) }),
  search: { a: [0, 1, 2], b: [0, 3, 9] },
  unsupportedReason: (_, { b }) => (b === 9 ? 'too large' : undefined),
  fit: ({ kernels }, { a, b }) =>
    recommendByScores(kernels, train, (histories, scores) => {
      const right = Number(a === 2) + Number(b === 3)
      for (let row = 0; row < histories.offsets.length - 1; row++)
        for (let item = 0; item < train.items; item++)
          scores[row * train.items + item] = [item, (train.items - item) % 29, train.items - item][right]
    }),
})

describe('a search of options', () => {
  it('finds the best value of each option, with what it tried', async () => {
    const { best, trials } = await searchOptions(knob, { a: 0, b: 0 }, [], context, request)
    expect(best.options).toEqual({ a: 2, b: 3 })
    expect(trials[0].options).toEqual({ a: 0, b: 0 })
    expect(new Set(trials.map(({ options }) => JSON.stringify(options))).size).toBe(trials.length)
    for (const trial of trials) expect(trial.recall + trial.ndcg).toBeLessThanOrEqual(best.recall + best.ndcg)
  })

  it('leaves what is given as it is, and never tries what the data does not admit', async () => {
    const { best, trials } = await searchOptions(knob, { a: 0, b: 0 }, ['a'], context, request)
    expect(best.options).toMatchObject({ a: 0 })
    expect(trials.every(({ options }) => options.a === 0 && options.b !== 9)).toBe(true)
  })

  it('of several is the one with the highest sum, the first of equals', () => {
    const result = (recall: number, ndcg: number) => ({ best: { options: {}, recall, ndcg }, trials: [] })
    const [a, b, c] = [result(0.2, 0.1), result(0.1, 0.3), result(0.3, 0.1)]
    expect(bestSearch([a, b, c])).toBe(b)
    expect(bestSearch([c, b])).toBe(c)
  })
})

it.each(baselines.parts.filter(part => part.search))('$name searches options that it has, within their range', part => {
  for (const [option, values] of Object.entries(part.search!))
    for (const value of values) expect(part.options.parse({ [option]: value })).toHaveProperty(option, value)
})
