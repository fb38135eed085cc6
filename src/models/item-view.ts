/** The structural view inside a graph: edges between items that share users. */
import { z } from 'zod'
import { affinities } from '../dataset/cooccurrence.ts'
import { buildUniqueCsr, gather, rowOfEntry } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrMatrix, Kernels } from '../kernels/interface/kernels.ts'
import { integer, number } from '../options.ts'
import { tieRanks } from './ties.ts'

export const itemViewOptions = z.object({
  itemGraphWeight: number(0, 10)
    .default(0)
    .describe('γ, weight of edges between items that share users; interactions have 1; 0 for none'),
  itemGraphNeighbors: integer(1, 1000, 'items')
    .default(20)
    .describe('with --item-graph-weight: edges of each item, to its nearest items; time grows with it'),
  itemGraphShrinkage: number(0, 10_000, 'users')
    .default(0)
    .describe("with --item-graph-weight: added to the cosine's denominator: larger trusts edges of rare items less"),
})

export type ItemViewOptions = z.output<typeof itemViewOptions>

/**
 * γŜ with Ŝ = D^{-1/2} S D^{-1/2}, where S holds the cosine of two items if either is among the nearest of the other:
 * sparse [I × I], symmetric, rows ascending, in ordinary memory. undefined for γ = 0.
 */
export function itemView(
  train: Dataset,
  options: ItemViewOptions,
  seed: number,
  kernels: Kernels,
): CsrMatrix | undefined {
  const { itemGraphWeight: weight, itemGraphNeighbors: neighbors, itemGraphShrinkage: shrinkage } = options
  if (weight === 0) return undefined
  const { items } = train
  const nearest = { limit: neighbors, ranks: tieRanks(items, seed) }
  const similar = kernels.memory.scope(() =>
    symmetric(affinities(train, kernels, { kind: 'cosine', shrinkage }, nearest), items),
  )
  const { offsets, indices, values } = similar
  const degree = new Float64Array(items)
  for (let item = 0; item < items; item++)
    for (let e = offsets[item]; e < offsets[item + 1]; e++) degree[item] += values[e]
  for (let item = 0; item < items; item++)
    for (let e = offsets[item]; e < offsets[item + 1]; e++)
      values[e] *= weight / Math.sqrt(degree[item] * degree[indices[e]])
  return similar
}

/** The matrix together with its transpose, in ordinary memory; an entry that both have is the same in both. */
function symmetric(matrix: CsrMatrix, size: number): CsrMatrix {
  const { indices, values } = matrix
  const rows = rowOfEntry(matrix)
  const join = (a: Int32Array, b: Int32Array) => {
    const joined = new Int32Array(a.length + b.length)
    joined.set(a)
    joined.set(b, a.length)
    return joined
  }
  const { pattern, order } = buildUniqueCsr(join(rows, indices), join(indices, rows), size, size)
  const entries = order.map(entry => entry % values.length)
  return { ...pattern, values: gather(values, entries, Float32Array) }
}
