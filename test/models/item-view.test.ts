import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary, type Dataset } from '../../src/dataset/dataset.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import type { CsrMatrix } from '../../src/kernels/interface/kernels.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { type ItemViewOptions, itemView } from '../../src/models/item-view.ts'
import { randomDataset } from '../support/toy.ts'

const kernels = createKernels()

const options = (own: Partial<ItemViewOptions>): ItemViewOptions => ({
  itemGraphWeight: 1,
  itemGraphNeighbors: 1000,
  itemGraphShrinkage: 0,
  ...own,
})

const dense = ({ offsets, indices, values }: CsrMatrix): number[][] =>
  Array.from({ length: offsets.length - 1 }, (_, row) => {
    const own = new Array(offsets.length - 1).fill(0)
    for (let e = offsets[row]; e < offsets[row + 1]; e++) own[indices[e]] = values[e]
    return own
  })

/** The definition, item by item; exact only where no two similarities of a row are equal. */
function naive({ users, items, byUser }: Dataset, { itemGraphWeight, ...own }: ItemViewOptions): number[][] {
  const has = (user: number, item: number) => columnsOf(byUser, user).includes(item)
  const all = (count: number) => Array.from({ length: count }, (_, at) => at)
  const usersOf = (item: number) => all(users).filter(user => has(user, item))
  const cosine = all(items).map(a =>
    all(items).map(b => {
      const shared = a === b ? 0 : usersOf(a).filter(user => has(user, b)).length
      return shared && shared / (Math.sqrt(usersOf(a).length * usersOf(b).length) + own.itemGraphShrinkage)
    }),
  )
  const isNear = (a: number, b: number) =>
    cosine[a].filter(other => other > cosine[a][b]).length < own.itemGraphNeighbors && cosine[a][b] > 0
  const kept = cosine.map((row, a) => row.map((value, b) => (isNear(a, b) || isNear(b, a) ? value : 0)))
  const degree = kept.map(row => row.reduce((sum, value) => sum + value, 0))
  return kept.map((row, a) =>
    row.map((value, b) => value && (itemGraphWeight * value) / Math.sqrt(degree[a] * degree[b])),
  )
}

describe('the item view', () => {
  // items 0 and 1 share two users, 0 and 2 share one; item 3 shares none
  const train = createDataset(
    { users: [0, 0, 1, 1, 2, 2, 3], items: [0, 1, 0, 1, 0, 2, 3] },
    createVocabulary([0, 1, 2, 3]),
    createVocabulary([0, 1, 2, 3]),
  )
  const [far, near] = [1 / Math.sqrt(3), 2 / Math.sqrt(6)]

  it('by hand: cosine, normalised on both sides, times γ', () => {
    const [a, b] = [near / Math.sqrt((near + far) * near), far / Math.sqrt((near + far) * far)]
    const matrix = dense(itemView(train, options({ itemGraphWeight: 0.5 }), 1, kernels)!)
    const expected = [
      [0, a, b, 0],
      [a, 0, 0, 0],
      [b, 0, 0, 0],
      [0, 0, 0, 0],
    ]
    expect(matrix).toEqual(expected.map(row => row.map(value => expect.closeTo(value / 2, 6))))
  })

  it('an edge is there when one of its ends counts the other among its nearest', () => {
    // item 0 is nearest to 1, and 2 has no other than 0
    const matrix = dense(itemView(train, options({ itemGraphNeighbors: 1 }), 1, kernels)!)
    expect(matrix[0][2]).toBeGreaterThan(0)
    expect(matrix[2][0]).toBe(matrix[0][2])
  })

  it('is symmetric to the bit, ascends, and is what the definition says within 1e-6', () => {
    const data = randomDataset(40, 25, 0.15)
    for (const own of [{}, { itemGraphShrinkage: 3 }, { itemGraphWeight: 2 }]) {
      const view = itemView(data, options(own), 1, kernels)!
      const matrix = dense(view)
      const expected = naive(data, options(own))
      for (let a = 0; a < data.items; a++) {
        const row = columnsOf(view, a)
        expect(Array.from(row)).toEqual([...row].sort((x, y) => x - y))
        for (let b = 0; b < data.items; b++) {
          expect(matrix[a][b]).toBe(matrix[b][a])
          expect(Math.abs(matrix[a][b] - expected[a][b])).toBeLessThan(1e-6)
        }
      }
    }
  })

  it('fewer neighbours, fewer edges; each item keeps its nearest', () => {
    const data = randomDataset(60, 30, 0.2)
    const sizes = [1, 3, 9, 29].map(
      neighbors => itemView(data, options({ itemGraphNeighbors: neighbors }), 1, kernels)!.indices.length,
    )
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b))
    expect(sizes[0]).toBeGreaterThanOrEqual(30)
  })

  it('is absent for γ = 0, and empty where no items share a user', () => {
    expect(itemView(train, options({ itemGraphWeight: 0 }), 1, kernels)).toBeUndefined()
    const lonely = createDataset({ users: [0, 1], items: [0, 1] }, createVocabulary([0, 1]), createVocabulary([0, 1]))
    expect(itemView(lonely, options({}), 1, kernels)!.values).toHaveLength(0)
  })
})
