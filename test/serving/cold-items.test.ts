import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createVocabulary } from '../../src/dataset/dataset.ts'
import { readItemTable } from '../../src/dataset/items/table.ts'
import { attributeNeighbors } from '../../src/serving/items/cold-items.ts'
import { joinItems } from '../../src/serving/items/item-data.ts'
import {
  fitted,
  fused,
  ITEMS,
  served,
  shop,
  sourceOf,
  temporaryDirectory,
  vectorsFor,
} from '../support/serving-world.ts'

const data = shop()

describe('items that nobody has interacted with', () => {
  // mittens are like gloves and the hat; the kite is like nothing
  const kinds = ITEMS.map(item => (item === 'gloves' || item === 'hat' ? 'warm' : `own ${item}`))
  const table = {
    ids: [...ITEMS, 'mittens', 'kite'],
    columns: [{ name: 'kind', type: 'text' as const, values: [...kinds, 'warm', 'toy'] }],
    dropped: { withoutId: 0, repeated: 0, unreadable: 0 },
  }
  const items = joinItems(table, data.itemIds)

  it.each([
    ['item-knn', () => fitted('item-knn', data)],
    ['ease', () => fitted('ease', data)],
    ['vectors', () => vectorsFor(data)],
  ])(
    '%s: have the mean score of the items that they are like, and leave the others as they are',
    async (_name, make) => {
      const [model, without] = [await served(sourceOf(make(), data, { items })), await served(sourceOf(make(), data))]
      expect(model.info).toMatchObject({ items: 11, coldItems: 1, notRecommendable: 1 })
      const request = { history: ['cap', 'ice axe'], k: 11, allowSeen: true }
      const [ranked, before] = [model.recommend(request).items, without.recommend(request).items]
      expect(ranked.filter(({ item }) => item !== 'mittens')).toEqual(before)
      const scoreOf = (wanted: string) => ranked.find(({ item }) => item === wanted)!.score
      expect(scoreOf('mittens')).toBeCloseTo((scoreOf('gloves') + scoreOf('hat')) / 2, 5)
      expect(ranked.filter(({ cold }) => cold).map(({ item }) => item)).toEqual(['mittens'])
      expect(model.item('mittens')).toMatchObject({ users: 0, recommendable: true, cold: true })
      expect(model.item('kite')).toEqual({ item: 'kite', users: 0, recommendable: false })
      // in a history they count as the mean of the same items
      const [cold, gloves, hat] = ['mittens', 'gloves', 'hat'].map(item =>
        Object.fromEntries(
          model.recommend({ history: [item], k: 11, allowSeen: true }).items.map(own => [own.item, own.score]),
        ),
      )
      if (_name !== 'vectors')
        for (const item of ['cap', 'fleece', 'jacket'])
          expect(cold[item]).toBeCloseTo((gloves[item] + hat[item]) / 2, 5)
    },
  )

  it('are in fusions, similar items and filters', async () => {
    const model = await served(sourceOf(fused(data), data, { items }))
    expect(model.recommend({ user: 'u3', filter: 'kind = "warm"', allowSeen: true }).items).toHaveLength(3)
    expect(model.similar({ item: 'mittens', k: 4 }).items.length).toBeGreaterThan(0)
    expect(model.recommend({ history: ['kite'] })).toMatchObject({ by: 'popularity', unknown: { history: 1 } })
  })

  it('are near those that share rare values: cosine of values that count 1 / holders', () => {
    const columns = [
      { name: 'a', type: 'text' as const, values: ['x|y', 'x', 'x', 'z', 'y|x', null] },
      { name: 'price', type: 'number' as const, values: [1, 2, 3, 4, 1, 1] },
    ]
    const { offsets, indices } = attributeNeighbors(columns, 4, 6)
    expect([...offsets]).toEqual([0, 3, 3])
    expect([...indices]).toEqual([0, 1, 2])
  })
})

describe('a table of items', () => {
  const written = async (name: string, text: string) => {
    const path = join(await temporaryDirectory(), name)
    await writeFile(path, text)
    return path
  }

  it('has numbers, truth values and texts; ids stay texts; lost rows are counted', async () => {
    const path = await written(
      'items.csv',
      'sku,title,price,sale,added\n007,"A, b",1.5,true,2024-01-02\n8,,2,false,2024-01-03\n8,again,3,true,\n,none,4,true,\n',
    )
    expect(await readItemTable(path)).toEqual({
      ids: ['007', '8'],
      columns: [
        { name: 'title', type: 'text', values: ['A, b', null] },
        { name: 'price', type: 'number', values: [1.5, 2] },
        { name: 'sale', type: 'boolean', values: [true, false] },
        { name: 'added', type: 'text', values: ['2024-01-02', '2024-01-03'] },
      ],
      dropped: { withoutId: 1, repeated: 1, unreadable: 0 },
    })
  })

  it('may be JSONL, with the id column named', async () => {
    const path = await written('items.jsonl', '{"nr": 3, "stock": 2}\n{"nr": 1, "stock": null}\n')
    const table = await readItemTable(path, 'nr')
    expect(table.ids).toEqual(['3', '1'])
    const { attributes, missing, notRecommendable } = joinItems(table, createVocabulary([1, 2]))
    expect(attributes).toEqual([{ name: 'stock', type: 'number', values: [null, null] }])
    expect(missing).toBe(1)
    expect(notRecommendable).toEqual([3])
  })

  it('without ids is refused, with the columns that there are', async () => {
    const path = await written('items.csv', 'a,b\n1,2\n')
    await expect(readItemTable(path)).rejects.toThrow(
      'items.csv: expected a column of item ids (item_id, item, id, sku, product_id), found a, b; name it with --item-id',
    )
    await expect(readItemTable(path, 'aa')).rejects.toThrow(
      'has no column "aa" (--item-id): there are a, b; did you mean "a"?',
    )
    await expect(readItemTable('/nowhere.csv')).rejects.toThrow('/nowhere.csv: there is no such file')
  })
})
