import { describe, expect, it } from 'vitest'
import type { ItemColumn } from '../../src/dataset/items/table.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { fuse } from '../../src/models/fusion.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { diversify } from '../../src/serving/answers/diversify.ts'
import type { Answer } from '../../src/serving/answers/schema.ts'
import { answer } from '../../src/serving/answers/schema.ts'
import { openCatalogue } from '../../src/serving/items/catalogue.ts'
import { joinItems } from '../../src/serving/items/item-data.ts'
import { contentOf, describeContent } from '../../src/serving/model/content.ts'
import { createServingModel } from '../../src/serving/model/create-model.ts'
import { fakeModel } from '../support/fake-model.ts'
import { unseenBy } from '../support/requests.ts'
import {
  fitted,
  fused,
  ITEMS,
  kernels,
  networkFor,
  served,
  shop,
  sourceOf,
  vectorsFor,
} from '../support/serving-world.ts'
import { randomDataset } from '../support/toy.ts'

const data = shop()
const makers = {
  'item-knn': () => fitted('item-knn', data),
  ease: () => fitted('ease', data),
  ials: () => fitted('ials', data),
  popularity: () => fitted('popularity', data),
  vectors: () => vectorsFor(data),
  fusion: () => fused(data),
}
const itemData = (columns: ItemColumn[]) =>
  joinItems({ ids: ITEMS, columns, dropped: { withoutId: 0, repeated: 0, unreadable: 0 } }, data.itemIds)
const idsOf = ({ items }: Answer) => items.map(({ item }) => item)
const scoresOf = ({ items }: Answer) => items.map(({ score }) => score)

describe.each(Object.entries(makers))('%s', (_name, make) => {
  it('gives known users, alone and among others, the bytes of the batch call', async () => {
    const recommender = make()
    const model = await served(sourceOf(recommender, data))
    const request = { ...unseenBy(data), k: 4, tieRank: tieRanks(data.items, 1) }
    const batch = recommender.recommend(request)
    const requests = data.userIds.ids.map(user => ({ user, k: 4 }))
    const answers = model.recommendMany(requests)
    answers.forEach((own, user) => {
      expect(own).toMatchObject({ requestId: 'r', model: model.info.id, by: 'user' })
      expect(idsOf(own)).toEqual(Array.from(batch.items.subarray(user * 4, user * 4 + 4), item => ITEMS[item]))
      expect(scoresOf(own)).toEqual(Array.from(batch.scores.subarray(user * 4, user * 4 + 4)))
      expect(model.recommend(requests[user])).toEqual(own)
      expect(answer.parse(own)).toEqual(own)
    })
  })

  it('has an answer for everybody', async () => {
    const model = await served(sourceOf(make(), data))
    expect(model.recommend({ history: ['boots', 'cap'], k: 3 })).toMatchObject({ by: 'history' })
    expect(model.recommend({ user: 'u1', history: ['boots', 'cap'] })).toMatchObject({ by: 'user' })
    const stranger = model.recommend({ user: 'nobody', history: ['boots'], k: 3 })
    expect(stranger).toMatchObject({ by: 'history', unknown: { user: true } })
    expect(idsOf(stranger)).not.toContain('boots')
    for (const request of [{}, { user: 'nobody' }, { history: [] }, { history: ['unheard of'] }]) {
      const popular = model.recommend({ ...request, k: 10 })
      expect(popular.by).toBe('popularity')
      expect(scoresOf(popular)).toEqual(Array(10).fill(4))
    }
  })

  it('holds what is allowed, however little that is', async () => {
    const model = await served(sourceOf(make(), data))
    const of = (request: object) => idsOf(model.recommend({ user: 'u0', k: 10, ...request }))
    const unseen = ITEMS.slice(4)
    expect(of({}).toSorted()).toEqual(unseen)
    expect(of({ allowSeen: true })).toHaveLength(10)
    expect(of({ exclude: ['hat', 'jacket'] }).toSorted()).toEqual(['earmuffs', 'fleece', 'gloves', 'ice axe'])
    expect(of({ only: ['hat', 'anorak', 'jacket'] }).toSorted()).toEqual(['hat', 'jacket'])
    expect(of({ only: ['anorak'] })).toEqual([])
    expect(of({ only: [] })).toEqual([])
    expect(model.recommend({ user: 'u0', exclude: ['x', 'hat'], only: ['y', 'z', 'cap'] }).unknown).toEqual({
      ...{ exclude: 1, only: 2 },
    })
  })

  it('ranks what it is given by the scores of its recommendations', async () => {
    const model = await served(sourceOf(make(), data))
    const given = ['jacket', 'anorak', 'fleece', 'unheard of']
    const ranked = model.rank({ user: 'u0', items: given })
    expect(ranked).toMatchObject({ by: 'user', unknown: { items: 1 } })
    const alone = model.recommend({ user: 'u0', only: given, allowSeen: true })
    expect(ranked.items).toEqual(alone.items)
    expect(idsOf(ranked).toSorted()).toEqual(['anorak', 'fleece', 'jacket'])
  })
})

describe('neumf', () => {
  it('answers for the users it was trained on, whatever history comes with them, and else with what is popular', async () => {
    const recommender = networkFor(data)
    const model = await served(sourceOf(recommender, data))
    const batch = recommender.recommend({ ...unseenBy(data), k: 4, tieRank: tieRanks(data.items, 1) })
    const own = model.recommend({ user: 'u3', k: 4 })
    expect(own.by).toBe('user')
    expect(scoresOf(own)).toEqual(Array.from(batch.scores.subarray(12, 16)))
    const [first, ...rest] = own.items
    const grown = model.recommend({ user: 'u3', history: [...model.historyOf('u3')!, first.item], k: 3 })
    expect(grown).toMatchObject({ by: 'user', items: rest })
    expect(model.recommend({ user: 'nobody', history: ['boots'] }).by).toBe('popularity')
    expect(model.recommend({ history: ['boots'] }).by).toBe('popularity')
    expect(model.rank({ user: 'u3', items: [first.item] }).items).toEqual([first])
    expect(model.similar({ item: 'boots' }).items).toEqual([])
  })

  it('is not exported as it was trained for the table', () => {
    const source = { ...sourceOf(networkFor(data), data), method: 'neumf', fittedOn: 'train' as const }
    expect(() => contentOf(source)).toThrow(
      /method "neumf" cannot be exported as it was trained for the table: .*; fit it on all data first: dualtree fit RUN --method neumf/,
    )
  })
})

describe('a history', () => {
  it('that repeats an item, in any order, with unknown ones, is one set', async () => {
    const model = await served(sourceOf(fitted('item-knn', data), data))
    const plain = model.recommend({ history: ['boots', 'hat'], k: 5 })
    expect(model.recommend({ history: ['hat', 'boots'], k: 5 })).toEqual(plain)
    const counted = model.recommend({ history: ['hat', 'nothing', 'boots', 'nothing'], k: 5 })
    expect(counted).toEqual({ ...plain, unknown: { history: 2 } })
    // item-knn is linear in the weights
    const doubled = model.recommend({ history: [{ item: 'boots', weight: 2 }, 'hat', 'hat'], k: 5 })
    expect(scoresOf(doubled)).toEqual(scoresOf(plain).map(score => 2 * score))
  })

  it('is given back oldest first, as the answer to a user without one is made from it', async () => {
    const model = await served(sourceOf(fitted('item-knn', data), data))
    expect(model.historyOf('u8')).toEqual(['ice axe', 'jacket', 'anorak', 'boots'])
    expect(model.historyOf('nobody')).toBeUndefined()
    const { items } = model.recommend({ user: 'u8' })
    expect(model.recommend({ user: 'nobody', history: model.historyOf('u8')! }).items).toEqual(items)
  })
})

describe('an explanation', () => {
  it.each(['item-knn', 'ease'] as const)('of %s adds up to the score, within 1e-6', async name => {
    const model = await served(sourceOf(fitted(name, data), data))
    const { items } = model.recommend({ user: 'u3', k: 6, explain: true })
    for (const { score, because } of items) {
      expect(because!.every(({ item }) => model.historyOf('u3')!.includes(item))).toBe(true)
      const sum = because!.reduce((total, { contribution }) => total + contribution!, 0)
      expect(Math.abs(sum - score)).toBeLessThan(1e-6)
      expect(because!.map(({ contribution }) => contribution)).toEqual(
        because!.map(({ contribution }) => contribution).toSorted((a, b) => b! - a!),
      )
    }
    expect(items.some(({ because }) => because!.length > 1)).toBe(true)
  })

  it('of a fused row adds up to the score with the rest, within 1e-6', async () => {
    const depth = 5
    const second = fitted('rp3beta', data)
    const request = { ...unseenBy(data, Int32Array.of(3)), k: depth, tieRank: tieRanks(data.items, 1) }
    const { items: listed, scores } = second.recommend(request)
    const scaled = (item: string) => {
      const place = listed.indexOf(ITEMS.indexOf(item))
      return place < 0 ? 0 : (scores[place] - scores[depth - 1]) / (scores[0] - scores[depth - 1])
    }
    for (const share of [0, 0.4]) {
      const model = await served(sourceOf(fuse({ kernels, first: vectorsFor(data), second, share, depth }), data))
      const { items } = model.recommend({ user: 'u3', k: 6, explain: true })
      for (const { item, score, because, rest = 0 } of items) {
        const sum = because!.reduce((total, { contribution }) => total + contribution!, 0)
        expect(sum).toBeCloseTo((1 - share) * scaled(String(item)), 6)
        expect(sum + rest).toBeCloseTo(score, 6)
      }
      expect(items.some(({ because }) => because!.some(({ contribution }) => contribution! > 0.1))).toBe(true)
      expect(items.every(({ rest }) => rest === undefined)).toBe(share === 0)
    }
  })

  it('of a row that is ranked again has weights, since its scores are no sums of them', () => {
    const first = fitted('item-knn', data)
    const { weights: _, ...plain } = first
    const content = describeContent(sourceOf(first, data))
    const info = { ...fakeModel().info, items: data.items, users: data.users, coldItems: 0 }
    const model = createServingModel({
      kernels,
      info,
      recommender: { ...plain, parts: [first] },
      catalogue: openCatalogue(content),
    })
    const [{ because, rest }] = model.recommend({ user: 'u3', k: 1, explain: true }).items
    expect(because!.length).toBeGreaterThan(0)
    for (const { weight, contribution } of because!) expect([weight! > 0, contribution]).toEqual([true, undefined])
    expect(rest).toBeUndefined()
  })

  it('names ten items of a long history, and what the others add is the rest', async () => {
    const wide = randomDataset(30, 40, 0.5)
    const model = await served(sourceOf(fitted('item-knn', wide), wide))
    const [{ score, because, rest }] = model.recommend({ user: wide.userIds.ids[0], k: 1, explain: true }).items
    expect(because).toHaveLength(10)
    expect(because!.reduce((sum, { contribution }) => sum + contribution!, rest!)).toBeCloseTo(score, 6)
    expect(rest).toBeGreaterThan(0)
  })

  it('counts what is long ago less where the model does', async () => {
    const decayed = baselines.get('item-knn').fit({ train: data, kernels, seed: 1 }, { decay: 0.5 })
    const model = await served(sourceOf(decayed, data))
    for (const { score, because } of model.recommend({ history: ['cap', 'boots', 'hat'], k: 6, explain: true }).items)
      expect(because!.reduce((sum, { contribution }) => sum + contribution!, 0)).toBeCloseTo(score, 6)
  })

  it('of vectors names the most similar items of the history', async () => {
    const model = await served(sourceOf(vectorsFor(data), data))
    const [{ item, because }] = model.recommend({ user: 'u3', k: 1, explain: true }).items
    expect(because).toHaveLength(4)
    const cosines = model.similar({ item, k: 9 }).items
    for (const { item: other, similarity } of because!)
      expect(cosines.find(own => own.item === other)!.score).toBeCloseTo(similarity!, 6)
  })

  it('of what is popular is none', async () => {
    const model = await served(sourceOf(fitted('item-knn', data), data))
    expect(model.recommend({ explain: true }).items[0]).not.toHaveProperty('because')
  })
})

describe('similar items', () => {
  it('by weights are those that users share', async () => {
    const model = await served(sourceOf(fitted('item-knn', data), data))
    const { items, by } = model.similar({ item: 'cap', k: 2 })
    expect(by).toBe('history')
    // 3 of 4 users in common with either neighbour
    expect(items.map(({ item }) => item).toSorted()).toEqual(['boots', 'dress'])
    expect(items.map(({ score }) => score)).toEqual([0.75, 0.75])
    expect(idsOf(model.similar({ items: ['cap', 'dress'], k: 1, exclude: ['boots'] }))).toEqual(['earmuffs'])
  })

  it('of unknown items are refused, but for those that are known', async () => {
    const model = await served(sourceOf(vectorsFor(data), data))
    expect(() => model.similar({ item: 'x' })).toThrow('item: unknown item "x"')
    expect(() => model.similar({ items: ['x', 'y'] })).toThrow('items: unknown item "x" and 1 others')
    expect(() => model.similar({})).toThrow('item: give either item or items')
    expect(model.similar({ items: ['x', 'cap'] })).toEqual({
      ...model.similar({ item: 'cap' }),
      unknown: { items: 1 },
    })
  })
})

describe('filters and diversity', () => {
  const attributes = [
    { name: 'stock', type: 'number' as const, values: ITEMS.map((_, item) => (item === 9 ? null : item % 3)) },
    { name: 'kind', type: 'text' as const, values: ITEMS.map((_, item) => (item < 5 ? 'a' : 'b')) },
  ]

  it('a filter leaves the items that fulfil it', async () => {
    const model = await served(sourceOf(fused(data), data, { items: itemData(attributes) }))
    expect(model.info.attributes).toEqual(['stock', 'kind'])
    const of = (filter: string) => idsOf(model.recommend({ user: 'u0', filter })).toSorted()
    expect(of('stock > 0')).toEqual(['earmuffs', 'fleece', 'hat', 'ice axe'])
    expect(of('stock > 0 and kind = "b"')).toEqual(['fleece', 'hat', 'ice axe'])
    expect(of('stock > 0')).toEqual(of('stock > 0'))
    expect(idsOf(model.similar({ item: 'cap', k: 9, filter: 'stock is missing' }))).toEqual(['jacket'])
    expect(() => of('colour = "red"')).toThrow('filter: unknown attribute "colour": known are stock, kind')
    expect(model.item('hat')!.attributes).toEqual({ stock: 1, kind: 'b' })
    expect(model.item('jacket')!.attributes).toEqual({ stock: null, kind: 'b' })
  })

  it('diversity takes less of what is alike, down to none', async () => {
    const model = await served(sourceOf(vectorsFor(data), data))
    const plain = model.recommend({ user: 'u0', k: 3 })
    expect(model.recommend({ user: 'u0', k: 3, diversity: 0 })).toEqual(plain)
    const diverse = model.recommend({ user: 'u0', k: 3, diversity: 0.8 })
    expect(idsOf(diverse)[0]).toBe(idsOf(plain)[0])
    expect(idsOf(diverse)).not.toEqual(idsOf(plain))
  })
})

describe('maximal marginal relevance', () => {
  // scores over 0 … 1 are 1, 0.75, 0.5, 0; the first two are alike, the last is like none
  const ranked = { items: [10, 11, 12, 13], scores: [9, 8, 7, 5] }
  const similarity = (a: number, b: number) => ([a, b].sort().join() === '0,1' ? 0.9 : a === 3 || b === 3 ? 0 : 0.1)

  it.each([
    [0, [0, 1, 2, 3]],
    // .5 · .75 − .5 · .9 < .5 · .5 − .5 · .1, and then 0 > −.075
    [0.5, [0, 2, 3, 1]],
    [1, [0, 3, 2, 1]],
  ])('at %d', (diversity, order) => {
    expect(diversify(ranked, similarity, diversity, 4)).toEqual(order)
    expect(diversify(ranked, similarity, diversity, 2)).toEqual(order.slice(0, 2))
  })
})

describe('an item', () => {
  it('is found by id and by words, with its title and its place in the trees', async () => {
    const titles = ITEMS.map(item => `A fine ${item}`)
    const codes = { structural: ITEMS.map((_, item) => `0-${item}`), semantic: ITEMS.map(() => '1') }
    const model = await served(
      sourceOf(fitted('item-knn', data), data, {
        items: itemData([{ name: 'title', type: 'text', values: titles }]),
        codes,
      }),
    )
    const hat = { item: 'hat', title: 'A fine hat', users: 4, recommendable: true }
    expect(model.item('hat')).toEqual({ ...hat, codes: { structural: '0-7', semantic: '1' } })
    expect(model.item('x')).toBeUndefined()
    expect(model.search('FINE ha', 5)).toEqual([model.item('hat')])
    expect(model.search('', 3)).toHaveLength(3)
    expect(model.recommend({ user: 'u0', k: 1 }).items[0].title).toMatch(/^A fine /)
  })
})

it('a model that is closed answers nothing', async () => {
  const model = await served(sourceOf(fitted('item-knn', data), data))
  model.close()
  expect(() => model.recommend({})).toThrow('is closed')
})
