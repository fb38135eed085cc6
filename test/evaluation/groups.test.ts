import { describe, expect, it } from 'vitest'
import { buildCsr } from '../../src/dataset/csr.ts'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { sealTruth } from '../../src/dataset/truth.ts'
import { groupByCount, itemsByPopularity, metricOnItems, usersByActivity } from '../../src/evaluation/groups.ts'
import { evaluatedUsers } from '../../src/evaluation/protocols.ts'
import { ndcg } from '../../src/metrics/ndcg.ts'
import { recall } from '../../src/metrics/recall.ts'

const plain = (groups: readonly { low: number; high: number; members: Int32Array }[]) =>
  groups.map(({ low, high, members }) => [low, high, [...members]])

describe('groups by count', () => {
  it('cuts at about equal weight, and lists members in order', () => {
    expect(plain(groupByCount([9, 1, 2, 1, 5, 3], [1, 1, 1, 1, 1, 1], 2))).toEqual([
      [1, 2, [1, 2, 3]],
      [3, 9, [0, 4, 5]],
    ])
    expect(plain(groupByCount([1, 2, 3, 10], [1, 2, 3, 10], 2))).toEqual([
      [1, 3, [0, 1, 2]],
      [10, 10, [3]],
    ])
  })

  it('keeps equal counts together, even if fewer groups come out', () => {
    expect(plain(groupByCount([4, 4, 4, 4], [1, 1, 1, 1], 3))).toEqual([[4, 4, [0, 1, 2, 3]]])
    expect(groupByCount([], [], 3)).toEqual([])
  })

  it('users by their items, and items by their users with equal shares of the interactions', () => {
    // user 0: items 0 1 2; user 1: item 0; user 2: items 0 1
    const pairs = { users: [0, 0, 0, 1, 2, 2], items: [0, 1, 2, 0, 0, 1] }
    const train = createDataset(pairs, createVocabulary([0, 1, 2]), createVocabulary([0, 1, 2]))
    expect(plain(usersByActivity(train, Int32Array.of(0, 1), 2))).toEqual([
      [1, 1, [1]],
      [3, 3, [0]],
    ])
    expect(plain(itemsByPopularity(train, 2))).toEqual([
      [1, 2, [1, 2]],
      [3, 3, [0]],
    ])
  })
})

describe('a metric on the items of a group', () => {
  const truth = sealTruth(buildCsr([0, 0, 0, 2], [1, 3, 4, 0], 3, 6).pattern, 6)
  const users = evaluatedUsers(truth)
  // stride 4, of which three places are looked at
  const lists = Int32Array.of(3, 1, 4, 0, 0, 5, 2, 1)
  const within = (items: number[], metric = recall, k = 3) => [
    ...metricOnItems({ metric, k, stride: 4, users, lists, truth, items: Int32Array.from(items) }),
  ]

  it('counts only what is held out of the group, in its place in the whole list: by hand', () => {
    expect([...users]).toEqual([0, 2])
    expect(within([3, 4])).toEqual([1, Number.NaN])
    expect(within([3, 4], ndcg)).toEqual([(1 + 1 / 2) / (1 + 1 / Math.log2(3)), Number.NaN])
    expect(within([3, 4], recall, 2)).toEqual([0.5, Number.NaN])
    expect(within([0, 1])).toEqual([1, 1])
    expect(within([5])).toEqual([Number.NaN, Number.NaN])
  })
})
