import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { historiesOf } from '../../src/dataset/histories.ts'
import { sealTruth } from '../../src/dataset/truth.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { FOLDS, fitSecondStage, foldOf } from '../../src/evaluation/second-stage.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import type { Recommender } from '../../src/models/recommender.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { type PoolTable, rerank } from '../../src/ranking/second-stage.ts'

const USERS = 60
const ITEMS = 130
const kernels = createKernels()
const ids = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
const train = createDataset(
  { users: Array.from({ length: USERS }, (_, user) => user), items: Array.from({ length: USERS }, () => 0) },
  ids(USERS),
  ids(ITEMS),
)
/** The second half of the pool first, so that 20 places show none of the first half: items 1 … 129, 129 the best. */
const first: Recommender = {
  users: USERS,
  items: ITEMS,
  recommend({ histories, k }) {
    const rows = histories.offsets.length - 1
    const items = Int32Array.from({ length: rows * k }, (_, at) => (at % k < ITEMS - 1 ? ITEMS - 1 - (at % k) : -1))
    return { k, items, scores: Float32Array.from(items) }
  },
}
/** One column that is 1 for the item the user will have, and one that says nothing. */
const table = (knows: (user: number, item: number) => number): PoolTable => ({
  names: ['knows', 'noise'],
  meanings: ['it knows', 'it is noise'],
  tabulate: ({ users }, { k, items }) =>
    Float32Array.from({ length: items.length * 2 }, (_, at) => {
      const place = Math.floor(at / 2)
      return at % 2 === 0 ? knows(users![Math.floor(place / k)], items[place]) : (items[place] * 7) % 5
    }),
})
const wanted = (user: number) => 40 + (user % 30)
const truthOf = (item: (user: number) => number) =>
  sealTruth(
    {
      offsets: Int32Array.from({ length: USERS + 1 }, (_, user) => user),
      indices: Int32Array.from({ length: USERS }, (_, user) => item(user)),
    },
    ITEMS,
  )
const request = { truth: truthOf(wanted), histories: historiesOf(train), seen: train.byUser, seed: 1, mostUsers: USERS }

describe('second stage', () => {
  const good = table((user, item) => Number(item === wanted(user)))

  it('is used where cross-fitted Recall@20 is higher, with the weights of what decided', () => {
    const stage = fitSecondStage(first, good, kernels, request)
    expect(stage.used).toBe(true)
    expect(stage.first['recall@20']).toBe(0)
    expect([stage.second['recall@20'], stage.second['ndcg@20']]).toEqual([1, 1])
    expect(stage.lists).toBe(USERS)
    expect(fitSecondStage(first, good, kernels, { ...request, mostUsers: 20 }).lists).toBe(20)
    expect(stage.score.weights[0]).toBeGreaterThan(10 * Math.abs(stage.score.weights[1]))
    expect(JSON.parse(JSON.stringify(stage))).toEqual(stage)
  })

  it('is not used where it is no better', () => {
    const stage = fitSecondStage(
      first,
      table(() => 0),
      kernels,
      { ...request, truth: truthOf(() => ITEMS - 1) },
    )
    expect([stage.used, stage.first['recall@20']]).toEqual([false, 1])
  })

  it('the score that a fold is ranked by has seen no held-out item of its users', () => {
    const fold = 2
    const other = { ...request, truth: truthOf(user => (foldOf(1, user) === fold ? 35 : wanted(user))) }
    const [before, after] = [request, other].map(own => fitSecondStage(first, good, kernels, own))
    expect(after.folds[fold]).toEqual(before.folds[fold])
    expect(after.folds[(fold + 1) % FOLDS]).not.toEqual(before.folds[(fold + 1) % FOLDS])
    expect(after.score).not.toEqual(before.score)
  })

  it('folds have about a fifth of the users each, and hang on the seed', () => {
    const folds = Array.from({ length: 1000 }, (_, user) => foldOf(1, user))
    for (let fold = 0; fold < FOLDS; fold++) {
      const share = folds.filter(own => own === fold).length
      expect(share).toBeGreaterThan(150)
      expect(share).toBeLessThan(250)
    }
    expect(folds).not.toEqual(folds.map((_, user) => foldOf(2, user)))
  })

  it('is the same for the same seed, and says when nobody has a held-out item in the pool', () => {
    expect(fitSecondStage(first, good, kernels, request)).toEqual(fitSecondStage(first, good, kernels, request))
    const stage = fitSecondStage(first, good, kernels, { ...request, truth: truthOf(() => 3) })
    expect([stage.used, stage.lists]).toEqual([false, 0])
  })
})

describe('rerank', () => {
  const score = { means: [0, 0], deviations: [1, 1], weights: [1, 0] }
  const second = rerank(
    first,
    table((_, item) => Number(item % 2 === 0)),
    () => score,
  )
  const ask = (k: number, users = Int32Array.of(3, 5)) => {
    const { offsets, indices } = historiesOf(train)
    const histories = { offsets: offsets.slice(0, users.length + 1), indices: indices.slice(0, users.length) }
    return second.recommend({ users, histories, seen: histories, k, tieRank: tieRanks(ITEMS, 1) })
  }

  it('orders the first 100 by the score, ties by rank, and keeps what comes after them', () => {
    const { items, scores } = ask(ITEMS)
    const own = items.subarray(0, ITEMS)
    expect(own.subarray(0, 50).every(item => item % 2 === 0 && item > 29)).toBe(true)
    expect(own.subarray(50, 100).every(item => item % 2 === 1 && item > 29)).toBe(true)
    expect(Array.from(own.subarray(100, 130))).toEqual([...Array.from({ length: 29 }, (_, at) => 29 - at), -1])
    const ranks = tieRanks(ITEMS, 1)
    expect(Array.from(own.subarray(0, 50), item => ranks[item])).toEqual(
      Array.from(own.subarray(0, 50), item => ranks[item]).sort((a, b) => a - b),
    )
    for (let place = 1; place < ITEMS - 1; place++) expect(scores[place]).toBeLessThanOrEqual(scores[place - 1])
  })

  it('a shorter list is the beginning of a longer one, and a row is what it is alone', () => {
    expect(Array.from(ask(7).items.subarray(0, 7))).toEqual(Array.from(ask(40).items.subarray(0, 7)))
    expect(Array.from(ask(40, Int32Array.of(5)).items)).toEqual(Array.from(ask(40).items.subarray(40)))
  })

  it('evaluates like any recommender', () => {
    expect(evaluate(second, { ...request, cutoffs: [100] }).metrics['recall@100']).toBe(1)
  })
})
