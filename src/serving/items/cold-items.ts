/** Items that nobody has interacted with yet: each stands where the items with the most similar attributes stand, on average. */

import { patternOfRows } from '../../dataset/patterns.ts'
import { UsageError } from '../../errors.ts'
import { columnsOf } from '../../kernels/csr.ts'
import type { CsrPattern, Floats } from '../../kernels/interface/kernels.ts'
import { copyItemRows, weightTensors } from '../../models/rows.ts'
import type { StoredRecommender } from '../../models/stored.ts'
import { ascending } from '../../places.ts'
import type { AttributeColumn } from './attributes.ts'

/** Items that a cold one is placed by. */
const NEIGHBORS = 20

/**
 * For each item from `warm` on, the items before it whose attributes are most like its own: cosine over the values that items
 * share, a value counting 1 / (items that have it). Texts and truth values alone; `a|b` are two values. A row may be empty.
 * @param columns along all items
 */
export function attributeNeighbors(columns: readonly AttributeColumn[], warm: number, all: number): CsrPattern {
  const valuesOf = (item: number) =>
    columns.flatMap(({ name, type, values }) => {
      const value = values[item]
      if (value === null || type === 'number') return []
      return String(value)
        .split('|')
        .filter(Boolean)
        .map(part => `${name}=${part.trim()}`)
    })
  const holders = new Map<string, number[]>()
  const perItem = Array.from({ length: all }, (_, item) => [...new Set(valuesOf(item))])
  for (let item = 0; item < warm; item++)
    for (const value of perItem[item]) {
      const own = holders.get(value)
      if (own) own.push(item)
      else holders.set(value, [item])
    }
  const weightOf = (value: string) => 1 / (holders.get(value)?.length ?? 1)
  const norms = perItem.map(values => Math.sqrt(values.reduce((sum, value) => sum + weightOf(value), 0)))
  const offsets = [0]
  const indices: number[] = []
  const similarity = new Float64Array(warm)
  for (let item = warm; item < all; item++) {
    const met = new Set<number>()
    for (const value of perItem[item])
      for (const other of holders.get(value) ?? []) {
        met.add(other)
        similarity[other] += weightOf(value)
      }
    const nearest = [...met]
      .map(other => ({ other, value: similarity[other] / (norms[item] * norms[other]) }))
      .sort((a, b) => b.value - a.value || a.other - b.other)
      .slice(0, NEIGHBORS)
    indices.push(...nearest.map(({ other }) => other).sort((a, b) => a - b))
    offsets.push(indices.length)
    for (const other of met) similarity[other] = 0
  }
  return { offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) }
}

/**
 * The recommender with further items, each the mean of its neighbours among those that are there: in vectors, and in the rows
 * and columns of weights.
 * @param neighbors a row for each further item
 * @throws UsageError for a kind of model that cannot take them
 */
export function withColdItems(stored: StoredRecommender, neighbors: CsrPattern): StoredRecommender {
  const extend = EXTENSIONS[stored.kind]
  if (!extend)
    throw new UsageError(
      `a model of kind "${stored.kind}" has no place for items without interactions: leave out --items`,
    )
  return extend(stored, neighbors)
}

type Extend = (stored: StoredRecommender, neighbors: CsrPattern) => StoredRecommender

const countOf = ({ offsets }: CsrPattern) => offsets.length - 1
const EXTENSIONS: Readonly<Record<string, Extend>> = {
  fusion: (stored, neighbors) => ({
    ...stored,
    parts: Object.fromEntries(
      Object.entries(stored.parts ?? {}).map(([role, part]) => [role, withColdItems(part, neighbors)]),
    ),
  }),
  popularity(stored, neighbors) {
    const items = Number(stored.options.items) + countOf(neighbors)
    const popularity = new Float32Array(items)
    popularity.set(stored.tensors.popularity.values)
    return {
      ...stored,
      options: { ...stored.options, items },
      tensors: { popularity: { shape: [items], values: popularity } },
    }
  },
  vectors(stored, neighbors) {
    const { items, dimensions } = stored.options as Record<string, number>
    const all = items + countOf(neighbors)
    const rows = new Float32Array(all * dimensions)
    const { item_panels, fold_items } = stored.tensors
    const known = ascending(items)
    copyItemRows({ packed: item_panels.values as Float32Array }, dimensions, known, rows)
    addMeans(rows, dimensions, items, neighbors)
    const packed = new Float32Array(Math.ceil(all / 8) * 8 * dimensions)
    rows.forEach((value, at) => {
      const [item, d] = [Math.floor(at / dimensions), at % dimensions]
      packed[((item >> 3) * dimensions + d) * 8 + (item & 7)] = value
    })
    const folded = new Float32Array(fold_items ? all * dimensions : 0)
    if (fold_items) {
      folded.set(fold_items.values)
      addMeans(folded, dimensions, items, neighbors)
    }
    return {
      ...stored,
      options: { ...stored.options, items: all },
      tensors: {
        ...stored.tensors,
        item_panels: { shape: [Math.ceil(all / 8), dimensions, 8], values: packed },
        ...(fold_items && { fold_items: { shape: [all, dimensions], values: folded } }),
      },
    }
  },
  dense(stored, neighbors) {
    const { items, stride } = stored.options as Record<string, number>
    const all = items + countOf(neighbors)
    const wide = Math.ceil(all / 4) * 4
    const weights = new Float32Array(all * wide)
    const before = stored.tensors.weights.values
    for (let row = 0; row < items; row++) {
      weights.set(before.subarray(row * stride, row * stride + items) as Float32Array, row * wide)
      for (let cold = 0; cold < countOf(neighbors); cold++) {
        const own = columnsOf(neighbors, cold)
        let sum = 0
        for (const other of own) sum += before[row * stride + other]
        weights[row * wide + items + cold] = own.length > 0 ? sum / own.length : 0
      }
    }
    addMeans(weights, wide, items, neighbors)
    return {
      ...stored,
      options: { ...stored.options, items: all, stride: wide },
      tensors: { weights: { shape: [all, wide], values: weights } },
    }
  },
  neighbors(stored, neighbors) {
    const { items } = stored.options as Record<string, number>
    const { weight_offsets, weight_items, weights } = stored.tensors
    const before = { offsets: weight_offsets.values, indices: weight_items.values, values: weights.values }
    const placedBy = coldItemsOf(neighbors, items)
    const rows: Map<number, number>[] = []
    for (let row = 0; row < items; row++) {
      const own = new Map<number, number>()
      for (let entry = before.offsets[row]; entry < before.offsets[row + 1]; entry++) {
        own.set(before.indices[entry], before.values[entry])
        for (const { cold, share } of placedBy[before.indices[entry]])
          own.set(items + cold, (own.get(items + cold) ?? 0) + share * before.values[entry])
      }
      rows.push(own)
    }
    for (let cold = 0; cold < countOf(neighbors); cold++) {
      const own = columnsOf(neighbors, cold)
      const sum = new Map<number, number>()
      for (const other of own)
        for (const [column, value] of rows[other])
          if (column !== items + cold) sum.set(column, (sum.get(column) ?? 0) + value / own.length)
      rows.push(sum)
    }
    return { ...stored, options: { ...stored.options, items: rows.length }, tensors: csrTensors(rows) }
  },
}

/** Fills the rows from `items` on with the mean of their neighbours' rows. */
function addMeans(rows: Floats, width: number, items: number, neighbors: CsrPattern): void {
  for (let cold = 0; cold < countOf(neighbors); cold++) {
    const own = columnsOf(neighbors, cold)
    const target = rows.subarray((items + cold) * width, (items + cold + 1) * width)
    for (const other of own) for (let at = 0; at < width; at++) target[at] += rows[other * width + at] / own.length
  }
}

/** For each item, the further ones that are placed by it, and what share of their place is its. */
function coldItemsOf(neighbors: CsrPattern, items: number): { cold: number; share: number }[][] {
  const placed: { cold: number; share: number }[][] = Array.from({ length: items }, () => [])
  for (let cold = 0; cold < countOf(neighbors); cold++) {
    const own = columnsOf(neighbors, cold)
    for (const other of own) placed[other].push({ cold, share: 1 / own.length })
  }
  return placed
}

function csrTensors(rows: readonly ReadonlyMap<number, number>[]): StoredRecommender['tensors'] {
  const sorted = rows.map(row => [...row].sort(([a], [b]) => a - b))
  const pattern = patternOfRows(sorted.map(row => row.map(([column]) => column)))
  return weightTensors({ ...pattern, values: Float32Array.from(sorted.flat(), ([, value]) => value) })
}
