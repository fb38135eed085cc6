import fc from 'fast-check'
import { expect, test } from 'vitest'
import { affinities, cooccurrence, forEachCooccurrence } from '../../src/dataset/cooccurrence.ts'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { randomDataset } from '../support/toy.ts'

const vocabulary = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))

function datasetOf(pairs: readonly (readonly [user: number, item: number])[], users: number, items: number) {
  const columns = { users: pairs.map(([user]) => user), items: pairs.map(([, item]) => item) }
  return createDataset(columns, vocabulary(users), vocabulary(items))
}

test('counts the users that two items share', () => {
  // user 0 has 0, 1, 2; user 1 has 0, 2; user 2 has 3 alone; item 4 has nobody
  const counts = cooccurrence(
    datasetOf(
      [
        [0, 2],
        [0, 0],
        [0, 1],
        [1, 2],
        [1, 0],
        [2, 3],
      ],
      3,
      5,
    ),
    createKernels(),
  )
  expect([...counts.offsets]).toEqual([0, 2, 4, 6, 6, 6])
  expect([...counts.indices]).toEqual([1, 2, 0, 2, 0, 1])
  expect([...counts.values]).toEqual([1, 2, 1, 1, 2, 1])
})

test('equals the definition on random data, symmetric and with ascending rows', () => {
  const kernels = createKernels()
  const pair = fc.tuple(fc.nat(6), fc.nat(8))
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 40 }), pairs => {
      const data = datasetOf(pairs, 7, 9)
      const usersOf = (item: number) => new Set(pairs.filter(pair => pair[1] === item).map(([user]) => user))
      const counts = cooccurrence(data, kernels)
      const rows = Array.from({ length: 9 }, (_, i) => {
        const [from, to] = counts.offsets.subarray(i, i + 2)
        return [...counts.indices.subarray(from, to)].map((j, at) => [j, counts.values[from + at]])
      })
      const expected = rows.map((_, i) =>
        Array.from({ length: 9 }, (_, j) => [
          j,
          i === j ? 0 : [...usersOf(i)].filter(user => usersOf(j).has(user)).length,
        ]).filter(([, n]) => n > 0),
      )
      expect(rows).toEqual(expected)
    }),
  )
})

test('no interactions, no entries', () => {
  expect(cooccurrence(datasetOf([], 2, 3), createKernels()).indices).toHaveLength(0)
})

test('Jaccard similarity, by hand', () => {
  // item 0: users 0 1 2; item 1: users 0 1; item 2: user 2; item 3: user 3, alone
  const pairs = [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 2], [3, 3]] as const // biome-ignore format: a line
  const { offsets, indices, values } = affinities(datasetOf(pairs, 4, 4), createKernels(), { kind: 'jaccard' })
  expect([...offsets]).toEqual([0, 2, 3, 4, 4])
  expect([...indices]).toEqual([1, 2, 0, 0])
  expect([...values]).toEqual([2 / 3, 1 / 3, 2 / 3, 1 / 3].map(Math.fround))
})

test('the nearest of each item need no room for the others, in kernel memory or out of it', () => {
  const train = randomDataset(300, 400, 0.05)
  const peakOf = (nearest?: { limit: number; ranks: Int32Array }) => {
    const kernels = createKernels()
    const { bytes } = kernels.memory.usage
    kernels.memory.scope(() => affinities(train, kernels, { kind: 'cosine', shrinkage: 0 }, nearest))
    return kernels.memory.usage.peakBytes - bytes
  }
  const ranks = Int32Array.from({ length: 400 }, (_, item) => item)
  expect(peakOf({ limit: 3, ranks })).toBeLessThan(peakOf() / 5)
})

test('forEachCooccurrence visits what cooccurrence holds, row by row', () => {
  const train = randomDataset(30, 20, 0.2)
  const kernels = createKernels()
  const { offsets, indices, values } = cooccurrence(train, kernels)
  const visited: number[][] = []
  forEachCooccurrence(train, kernels, (...pair) => visited.push(pair))
  const held = Array.from({ length: 20 }, (_, item) =>
    Array.from(indices.subarray(offsets[item], offsets[item + 1]), (other, at) => [
      item,
      other,
      values[offsets[item] + at],
    ]),
  )
  expect(visited).toEqual(held.flat())
})

test('the nearest are the largest of all, rows with fewer stay short', () => {
  const kernels = createKernels()
  const data = randomDataset(30, 60, 0.04)
  const ranks = Int32Array.from({ length: 60 }, (_, item) => 59 - item)
  const all = affinities(data, kernels, { kind: 'jaccard' })
  const rowsOf = ({ offsets, indices, values }: typeof all, limit: number) =>
    Array.from({ length: 60 }, (_, row) =>
      Array.from({ length: offsets[row + 1] - offsets[row] }, (_, at) => offsets[row] + at)
        .map(at => ({ item: indices[at], value: values[at] }))
        .sort((a, b) => b.value - a.value || ranks[a.item] - ranks[b.item])
        .slice(0, limit)
        .sort((a, b) => a.item - b.item),
    )
  const sizes = rowsOf(all, 60).map(row => row.length)
  for (const limit of [1, 5, 100]) {
    expect(rowsOf(affinities(data, kernels, { kind: 'jaccard' }, { limit, ranks }), 100)).toEqual(rowsOf(all, limit))
    expect([Math.min(...sizes) < 5, Math.max(...sizes) > 5]).toEqual([true, true])
  }
})
