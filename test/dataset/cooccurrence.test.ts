import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cooccurrence } from '../../src/dataset/cooccurrence.ts'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'

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
  )
  expect([...counts.offsets]).toEqual([0, 2, 4, 6, 6, 6])
  expect([...counts.indices]).toEqual([1, 2, 0, 2, 0, 1])
  expect([...counts.values]).toEqual([1, 2, 1, 1, 2, 1])
})

test('equals the definition on random data, symmetric and with ascending rows', () => {
  const pair = fc.tuple(fc.nat(6), fc.nat(8))
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 40 }), pairs => {
      const data = datasetOf(pairs, 7, 9)
      const usersOf = (item: number) => new Set(pairs.filter(pair => pair[1] === item).map(([user]) => user))
      const counts = cooccurrence(data)
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
  expect(cooccurrence(datasetOf([], 2, 3)).indices).toHaveLength(0)
})
