import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary, type Dataset } from '../../src/dataset/dataset.ts'
import { PLANTED, plantCases, UNOBSERVED } from '../../src/dataset/splits/planted-cases.ts'
import { derive, randomStream } from '../../src/random.ts'
import { randomDataset } from '../support/toy.ts'

const options = { hidden: 0.25, perUser: 100, perHidden: 2, unobserved: 'popularity' as const }
const full = randomDataset(60, 80, 0.15)
const cases = plantCases(full, 1, options)

const own = ({ byUser: { offsets, indices } }: Dataset, user: number) => [
  ...indices.subarray(offsets[user], offsets[user + 1]),
]
const casesOf = (user: number, truth: number, of = cases) =>
  [...of.items.subarray(user * of.k, (user + 1) * of.k)].filter((_, at) => of.truth[user * of.k + at] === truth)

describe('plantCases', () => {
  it('hides a quarter of what each user has, and that is what is planted', () => {
    for (let user = 0; user < full.users; user++) {
      const planted = casesOf(user, PLANTED)
      const had = own(full, user)
      expect(planted).toHaveLength(had.length < 3 ? 0 : Math.max(1, Math.round(had.length / 4)))
      expect([...own(cases.train, user), ...planted].sort((a, b) => a - b)).toEqual(had)
    }
  })

  it('asks about twice as many items that the user has never met in train, each once', () => {
    for (let user = 0; user < full.users; user++) {
      const unobserved = casesOf(user, UNOBSERVED)
      expect(unobserved).toHaveLength(2 * casesOf(user, PLANTED).length)
      expect(new Set(unobserved).size).toBe(unobserved.length)
      expect(unobserved.filter(item => own(full, user).includes(item))).toEqual([])
    }
  })

  it('fills a list from its beginning, and planted items stand anywhere in it', () => {
    const places = new Set<number>()
    cases.items.forEach((item, place) => {
      expect(cases.truth[place] === -1).toBe(item === -1)
      if (item === -1 && (place + 1) % cases.k) expect(cases.items[place + 1]).toBe(-1)
      if (cases.truth[place] === PLANTED) places.add(place % cases.k)
    })
    expect(places.size).toBeGreaterThan(4)
  })

  it('keeps vocabularies and times', () => {
    const timed = createDataset(
      { users: [0, 0, 0, 0], items: [0, 1, 2, 3], timestamps: [10, 11, 12, 13] },
      createVocabulary(['u']),
      createVocabulary(['a', 'b', 'c', 'd', 'e', 'f']),
    )
    const { train } = plantCases(timed, 1, options)
    expect(train.itemIds).toBe(timed.itemIds)
    expect([...train.timestamps!]).toEqual(own(train, 0).map(item => 10 + item))
  })

  it('leaves two interactions, and users with fewer than three alone', () => {
    const few = createDataset(
      { users: [0, 0, 1, 1, 1], items: [0, 1, 0, 1, 2] },
      createVocabulary(['u', 'v']),
      createVocabulary([...'abcdefgh']),
    )
    const { train, k, items } = plantCases(few, 1, { ...options, hidden: 0.5 })
    expect([own(train, 0).length, own(train, 1).length, k]).toEqual([2, 2, 3])
    expect([...items.subarray(0, 3)]).toEqual([-1, -1, -1])
  })

  it('users: as many are asked about, the others keep all', () => {
    const some = plantCases(full, 1, { ...options, users: 5 })
    const audited = Array.from({ length: full.users }, (_, user) => user).filter(
      user => casesOf(user, PLANTED, some).length > 0,
    )
    expect(audited).toHaveLength(5)
    for (let user = 0; user < full.users; user++)
      if (!audited.includes(user)) expect(own(some.train, user)).toEqual(own(full, user))
  })

  it('perUser: hides no more of one user', () => {
    const few = plantCases(full, 1, { ...options, perUser: 2 })
    const counts = Array.from({ length: full.users }, (_, user) => casesOf(user, PLANTED, few).length)
    expect(Math.max(...counts)).toBe(2)
    expect(few.k).toBe(6)
  })

  it('the same for a seed, others for another', () => {
    expect(plantCases(full, 1, options)).toEqual(cases)
    expect(plantCases(full, 2, options).items).not.toEqual(cases.items)
  })

  it('popularity: unobserved items are as popular as the planted ones, uniform: any', () => {
    // the first item is met by every third user, the last by one of 60
    const random = randomStream(derive(1, 'skewed'))
    const pairs = { users: [] as number[], items: [] as number[] }
    for (let user = 0; user < 400; user++) {
      for (let item = 0; item < 200; item++) {
        if (random.uniform() > 10 / (30 + 3 * item)) continue
        pairs.users.push(user)
        pairs.items.push(item)
      }
    }
    const ids = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))
    const skewed = createDataset(pairs, ids(400), ids(200))
    const popularity = (unobserved: 'popularity' | 'uniform', truth: number) => {
      const { train, items, truth: truths } = plantCases(skewed, 1, { ...options, unobserved })
      const { offsets } = train.byItem
      const degrees = [...items].filter((_, place) => truths[place] === truth).map(i => offsets[i + 1] - offsets[i])
      return degrees.reduce((a, b) => a + b) / degrees.length
    }
    const planted = popularity('popularity', PLANTED)
    expect(Math.abs(popularity('popularity', UNOBSERVED) / planted - 1)).toBeLessThan(0.1)
    expect(popularity('uniform', UNOBSERVED)).toBeLessThan(0.6 * planted)
  })

  it('a user who knows nearly all gets what is left', () => {
    const all = createDataset(
      { users: [0, 0, 0, 0], items: [0, 1, 2, 3] },
      createVocabulary(['u']),
      createVocabulary([...'abcde']),
    )
    const { items, truth } = plantCases(all, 1, { ...options, hidden: 0.5 })
    expect([...items].filter((_, place) => truth[place] === UNOBSERVED)).toEqual([4])
  })

  it('says so when nothing can be hidden', () => {
    const sparse = createDataset(
      { users: [0, 0], items: [0, 1] },
      createVocabulary(['u']),
      createVocabulary(['a', 'b']),
    )
    expect(() => plantCases(sparse, 1, options)).toThrow(
      'audit: none of 1 users has 3 train interactions, of which one could be hidden; take denser data',
    )
  })
})
