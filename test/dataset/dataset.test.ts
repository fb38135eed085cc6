import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildUniqueCsr, transpose, uniquePattern } from '../../src/dataset/csr.ts'
import { createDataset, createVocabulary, pairsOf, sortIds, withPositives } from '../../src/dataset/dataset.ts'
import { UsageError } from '../../src/errors.ts'

const USERS = createVocabulary(['ann', 'bob', 'cy'])
const ITEMS = createVocabulary([10, 20, 30])

/** bob 30, ann 20, bob 10, ann 20 again, with another weight and time */
const DATASET = createDataset(
  { users: [1, 0, 1, 0], items: [2, 1, 0, 1], weights: [1, 2, 3, 4], timestamps: [100, 200, 300, 400] },
  USERS,
  ITEMS,
)

describe('createDataset', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'pairs: must be given'],
    ['half', { users: [0] }, 'pairs.items: must be given'],
    ['no column', { users: null, items: [0] }, 'pairs.users: expected an array, got null'],
    ['columns of different lengths', { users: [0, 1], items: [0] }, 'expected as many items as users, got 1 and 2'],
    [
      'a weight too many',
      { users: [0], items: [0], weights: [1, 2] },
      'expected as many weights as users, got 2 and 1',
    ],
    ['an id beyond', { users: [0, 2], items: [0, 1] }, 'pair 1: expected a user below 2 and an item below 3, got 2 and 1'], // biome-ignore format: one line
    ['a weight below', { users: [0], items: [0], weights: [-1] }, 'pair 0: expected a weight of at least 0, got -1'],
    ['no time', { users: [0, 1], items: [0, 1], timestamps: [1, NaN] }, 'pair 1: expected a finite timestamp, got NaN'],
    ['an id below', { users: [0, 1], items: [0, -1] }, 'pair 1: expected a user below 2 and an item below 3, got 1 and -1'], // biome-ignore format: one line
  ])('refuses %s', (_, pairs, message) => {
    const make = () => createDataset(pairs as never, createVocabulary(['a', 'b']), createVocabulary([1, 2, 3]))
    expect(make).toThrow(`createDataset: ${message}`)
    expect(make).toThrow(UsageError)
  })

  it('sorts, and keeps a repeated pair as it stood first', () => {
    expect(DATASET).toMatchObject({ users: 3, items: 3, interactions: 3 })
    expect([...DATASET.byUser.offsets]).toEqual([0, 1, 3, 3])
    expect([...DATASET.byUser.indices]).toEqual([1, 0, 2])
    expect([...DATASET.byItem.offsets]).toEqual([0, 1, 2, 3])
    expect([...DATASET.byItem.indices]).toEqual([1, 0, 1])
    expect([...DATASET.weights!]).toEqual([2, 3, 1])
    expect([...DATASET.timestamps!]).toEqual([200, 300, 100])
  })

  it('gives its pairs back', () => {
    expect(createDataset(pairsOf(DATASET), USERS, ITEMS)).toEqual(DATASET)
  })
})

it('withPositives adds pairs, and known ones keep their weight', () => {
  const more = withPositives(DATASET, { users: [2, 0], items: [2, 1], weights: [0.5, 9] })
  expect([...more.byUser.indices]).toEqual([1, 0, 2, 2])
  expect([...more.weights!]).toEqual([2, 3, 1, 0.5])
  expect(more.timestamps).toBeUndefined()
  expect(DATASET.interactions).toBe(3)
})

it('a vocabulary finds ids in either spelling', () => {
  expect(ITEMS.indexOf(20)).toBe(1)
  expect(ITEMS.indexOf('20')).toBe(1)
  expect(ITEMS.indexOf(21)).toBe(-1)
})

it('sortIds: integers by value, anything else as text', () => {
  expect(sortIds([10, 9, -1])).toEqual([-1, 9, 10])
  expect(sortIds([10, 9, 'a'])).toEqual(['10', '9', 'a'])
})

const pairs = fc.array(fc.tuple(fc.nat(6), fc.nat(8)), { maxLength: 60 })

it('uniquePattern is the pattern of buildUniqueCsr', () => {
  fc.assert(
    fc.property(pairs, list => {
      const given = [list.map(([row]) => row), list.map(([, column]) => column), 7, 9] as const
      expect(uniquePattern(...given)).toEqual(buildUniqueCsr(...given).pattern)
    }),
  )
})

it('buildUniqueCsr takes the preferred of equal pairs, in sorted and unsorted input', () => {
  fc.assert(
    fc.property(pairs, fc.boolean(), (list, presorted) => {
      const given = presorted ? list.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]) : list
      const { pattern, order } = buildUniqueCsr(
        given.map(([row]) => row),
        given.map(([, column]) => column),
        7,
        9,
        () => true,
      )
      const last = new Map(given.map((pair, index) => [pair.join(), index]))
      const expected = [...last].sort(([a], [b]) => (a < b ? -1 : 1))
      expect([...order]).toEqual(expected.map(([, index]) => index))
      expect([...pattern.indices].join()).toBe(expected.map(([pair]) => pair.split(',')[1]).join())
      expect(pattern.offsets.at(-1)).toBe(last.size)
    }),
  )
})

it('transpose twice is the same', () => {
  fc.assert(
    fc.property(pairs, list => {
      const { pattern } = buildUniqueCsr(
        list.map(([row]) => row),
        list.map(([, column]) => column),
        7,
        9,
      )
      expect(transpose(transpose(pattern, 9), 7)).toEqual(pattern)
    }),
  )
})
