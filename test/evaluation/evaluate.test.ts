import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../src/dataset/dataset.ts'
import { sealTruth } from '../../src/dataset/truth.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { createValidation } from '../../src/evaluation/validation.ts'
import type { CsrPattern } from '../../src/kernels/interface/kernels.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { metrics } from '../../src/metrics/index.ts'
import { defineUserMetric } from '../../src/metrics/metric.ts'
import { rankByRows } from '../../src/models/baselines/baseline.ts'
import { itemKnn } from '../../src/models/baselines/item-knn.ts'
import { embeddingRecommender } from '../../src/models/embeddings.ts'
import type { Recommender } from '../../src/models/recommender.ts'
import { derive, randomStream } from '../../src/random.ts'
import { checkerboard, randomDataset, randomFloats } from '../support/toy.ts'

const rowOf = ({ offsets, indices }: CsrPattern, row: number) => [...indices.subarray(offsets[row], offsets[row + 1])]

function patternOf(rows: readonly (readonly number[])[]): CsrPattern {
  const offsets = [0]
  for (const row of rows) offsets.push(offsets[offsets.length - 1] + row.length)
  return { offsets: Int32Array.from(offsets), indices: Int32Array.from(rows.flat()) }
}

/** Scores of three levels, so that most are tied. */
function levels(train: Dataset, seed: number): Float32Array {
  const random = randomStream(derive(seed, 'levels'))
  return Float32Array.from({ length: train.users * train.items }, () => random.below(3))
}

function recommenderOf(train: Dataset, table: Float32Array) {
  const { items } = train
  const kernels = createKernels()
  const recommend: Recommender['recommend'] = request =>
    rankByRows(kernels, request, items, (begin, end, scores) =>
      request.users!.subarray(begin, end).forEach((user, row) => {
        scores.set(table.subarray(user * items, (user + 1) * items), row * items)
      }),
    )
  return { users: train.users, items, recommend }
}

/** Some of what a user has not met, of every third user nothing. */
function heldOutOf(train: Dataset, seed: number): CsrPattern {
  const random = randomStream(derive(seed, 'held out'))
  const unmet = (user: number) => {
    const own = new Set(rowOf(train.byUser, user))
    return Array.from({ length: train.items }, (_, item) => item).filter(item => !own.has(item))
  }
  return patternOf(
    Array.from({ length: train.users }, (_, user) =>
      user % 3 === 2 ? [] : unmet(user).filter(() => random.uniform() < 0.3),
    ),
  )
}

describe('evaluate', () => {
  it('finds the withheld diagonal of a checkerboard', () => {
    const train = checkerboard(40)
    const recommender = itemKnn.fit({ train, kernels: createKernels(), seed: 3 }, {})
    const truth = sealTruth(patternOf(Array.from({ length: 40 }, (_, user) => [user])), 40)
    const result = evaluate(recommender, {
      truth,
      histories: train.byUser,
      seen: train.byUser,
      seed: 3,
      cutoffs: [1, 5],
      metrics: metrics.names,
      train,
    })
    for (const name of ['recall', 'ndcg', 'precision', 'hit-rate', 'map', 'mrr', 'coverage'])
      expect(result.metrics[`${name}@1`]).toBe(1)
    expect(result.metrics['gini@1']).toBe(0)
    expect(result.metrics['precision@5']).toBeCloseTo(1 / 5, 12)
    expect([result.users, result.excludedUsers]).toEqual([40, 0])
  })

  it('agrees with a naive ranking; lists are unseen, each item once; metrics in [0, 1]', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1000 }), fc.integer({ min: 1, max: 30 }), (seed, k) => {
        const train = randomDataset(12, 20, 0.3, seed)
        const table = levels(train, seed)
        const heldOut = heldOutOf(train, seed)
        const request = {
          truth: sealTruth(heldOut, 20),
          histories: train.byUser,
          seen: train.byUser,
          seed,
          cutoffs: [k],
          keepLists: true,
        }
        const { metrics: means, perUser, lists, users } = evaluate(recommenderOf(train, table), request)
        let recall = 0
        perUser.users.forEach((user, row) => {
          const list = [...lists!.items.subarray(row * k, (row + 1) * k)]
          const seen = rowOf(train.byUser, user)
          const filled = list.filter(item => item >= 0)
          expect(filled.length).toBe(Math.min(k, 20 - seen.length))
          expect(new Set(filled).size).toBe(filled.length)
          expect(filled.filter(item => seen.includes(item))).toEqual([])
          const score = (item: number) => table[user * 20 + item]
          const unseen = Array.from({ length: 20 }, (_, item) => item).filter(item => !seen.includes(item))
          const best = unseen
            .map(score)
            .sort((a, b) => b - a)
            .slice(0, k)
          expect(filled.map(score)).toEqual(best)
          const truth = rowOf(heldOut, user)
          recall += filled.filter(item => truth.includes(item)).length / truth.length
        })
        expect(means[`recall@${k}`]).toBeCloseTo(recall / users, 12)
        for (const value of Object.values(means)) expect(value >= 0 && value <= 1).toBe(true)
      }),
      { seed: 11, numRuns: 50 },
    )
  })

  it('gives each user the value of its own hits and truth, computed once for users with the same', () => {
    const train = randomDataset(300, 20, 0.3)
    const heldOut = heldOutOf(train, 7)
    let calls = 0
    const places = defineUserMetric({
      ...{ name: 'places', summary: '', source: '' },
      value: ({ hits, k, truth }) => {
        calls++
        let value = 32 * truth
        for (let place = 0; place < k; place++) if (hits[place]) value += 2 ** place
        return value
      },
    })
    const { perUser, lists, users } = evaluate(recommenderOf(train, levels(train, 7)), {
      ...{ truth: sealTruth(heldOut, 20), histories: train.byUser, seen: train.byUser, seed: 7 },
      ...{ metrics: [places], cutoffs: [2, 5], keepLists: true },
    })
    for (const k of [2, 5])
      expect([...perUser.values[`places@${k}`]]).toEqual(
        Array.from(perUser.users, (user, row) => {
          const truth = rowOf(heldOut, user)
          const list = [...lists!.items.subarray(row * 5, row * 5 + k)]
          return list.reduce((sum, item, place) => sum + (truth.includes(item) ? 2 ** place : 0), 32 * truth.length)
        }),
      )
    expect(calls).toBeLessThan(2 * users)
  })

  it('excludes and counts users without truth, and keeps each user’s values', () => {
    const train = randomDataset(12, 20, 0.3)
    const heldOut = heldOutOf(train, 1)
    const truth = sealTruth(heldOut, 20)
    const {
      users,
      excludedUsers,
      perUser,
      metrics: means,
      lists,
    } = evaluate(recommenderOf(train, levels(train, 1)), {
      truth,
      histories: train.byUser,
      seen: train.byUser,
      seed: 1,
    })
    expect(users + excludedUsers).toBe(12)
    expect([...perUser.users]).toEqual([0, 1, 3, 4, 6, 7, 9, 10].filter(user => rowOf(heldOut, user).length))
    expect(Object.keys(means)).toEqual(['recall@10', 'recall@20', 'recall@50', 'ndcg@10', 'ndcg@20', 'ndcg@50'])
    expect(perUser.values['recall@50'].every(value => value === 1)).toBe(true)
    expect(lists).toBeUndefined()
  })

  it('orders ties by the seed, not by the item', () => {
    const train = randomDataset(12, 200, 0.01)
    const truth = sealTruth(heldOutOf(train, 1), 200)
    const constant = recommenderOf(train, new Float32Array(12 * 200))
    const firstItems = (seed: number) =>
      evaluate(constant, { truth, histories: train.byUser, seen: train.byUser, seed, keepLists: true, cutoffs: [10] })
        .lists!.items
    expect(firstItems(1)).toEqual(firstItems(1))
    expect(firstItems(1)).not.toEqual(firstItems(2))
  })

  it('ranks more users than fit in a block, and says how far it is', () => {
    const train = randomDataset(2500, 8, 0.2)
    const heldOut = heldOutOf(train, 4)
    const done: number[] = []
    const request = { truth: sealTruth(heldOut, 8), histories: train.byUser, seen: train.byUser, seed: 4, cutoffs: [8] }
    const { metrics: means, users } = evaluate(recommenderOf(train, levels(train, 4)), {
      ...request,
      progress: (count, total) => done.push(count, total),
    })
    expect(done).toEqual([1024, users, users, users])
    expect(means['recall@8']).toBe(1)
  })

  it('stops when aborted', () => {
    const train = randomDataset(2500, 8, 0.2)
    const controller = new AbortController()
    const request = {
      truth: sealTruth(heldOutOf(train, 4), 8),
      histories: train.byUser,
      seen: train.byUser,
      seed: 4,
      signal: controller.signal,
    }
    const stopping = () =>
      evaluate(recommenderOf(train, levels(train, 4)), {
        ...request,
        progress: () => controller.abort(new Error('enough')),
      })
    expect(stopping).toThrow('enough')
  })

  it('says what is wrong with a request', () => {
    const train = randomDataset(6, 8, 0.3)
    const recommender = recommenderOf(train, levels(train, 1))
    const request = { truth: sealTruth(heldOutOf(train, 1), 8), histories: train.byUser, seen: train.byUser, seed: 1 }
    expect(() => evaluate(recommender, { ...request, metrics: ['ndgc'] })).toThrow('did you mean "ndcg"?')
    expect(() => evaluate(recommender, { ...request, cutoffs: [0] })).toThrow(
      'cut-off: expected a positive integer, got 0',
    )
    expect(() => evaluate(recommender, { ...request, cutoffs: [] })).toThrow('expected at least one')
    expect(() => evaluate(recommender, { ...request, metrics: ['gini'] })).toThrow(
      'metric "gini" describes lists against the catalogue',
    )
    const nothing = sealTruth(patternOf(Array(6).fill([])), 8)
    expect(() => evaluate(recommender, { ...request, truth: nothing })).toThrow('nothing is held out')
    const foreign = sealTruth(patternOf([[1], []]), 9)
    expect(() => evaluate(recommender, { ...request, truth: foreign })).toThrow(
      'the model knows 6 users and 8 items, the held-out data 2 users and 9 items',
    )
  })
})

describe('createValidation', () => {
  it('is the recall@20 that evaluate gives for the same vectors', () => {
    const train = randomDataset(40, 60, 0.1)
    const request = { truth: sealTruth(heldOutOf(train, 2), 60), histories: train.byUser, seen: train.byUser, seed: 2 }
    const kernels = createKernels()
    const vectors = { userVectors: randomFloats(kernels, 40 * 8, 1), itemVectors: randomFloats(kernels, 60 * 8, 2) }
    const view = { users: 40, items: 60, dimensions: 8, ...vectors }
    const before = kernels.memory.usage.bytes
    const value = createValidation(kernels, request)(view)
    expect(kernels.memory.usage.bytes).toBe(before)
    const embeddings = {
      ...view,
      userVectors: Float32Array.from(view.userVectors),
      itemVectors: Float32Array.from(view.itemVectors),
    }
    expect(value).toBe(evaluate(embeddingRecommender(embeddings, createKernels(), train), request).metrics['recall@20'])
    expect(value).toBeGreaterThan(0)
  })
})
