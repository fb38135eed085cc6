/** How alike items are, by the users they share: what the neighbourhood model and the item view of graphs start from. */
import { cooccurrence } from '../dataset/cooccurrence.ts'
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrMatrix } from '../kernels/kernels.ts'

/**
 * s_ij = |U_i ∩ U_j| / (sqrt(|U_i| |U_j|) + shrinkage) for every two different items that share a user: sparse [I × I],
 * symmetric, rows ascending, in ordinary memory.
 * @source Deshpande & Karypis, ACM TOIS 22 (2004); shrinkage: Dacrema et al., arXiv 1907.06902
 */
export function itemCosine(train: Dataset, shrinkage: number): CsrMatrix {
  const { items, byItem } = train
  const counts = cooccurrence(train)
  const degree = (item: number) => byItem.offsets[item + 1] - byItem.offsets[item]
  for (let item = 0; item < items; item++) {
    for (let e = counts.offsets[item]; e < counts.offsets[item + 1]; e++)
      counts.values[e] /= Math.sqrt(degree(item) * degree(counts.indices[e])) + shrinkage
  }
  return counts
}

/** The matrix with at most `limit` entries a row, the largest first; of equals those with the smaller rank. */
export function keepLargest({ offsets, indices, values }: CsrMatrix, limit: number, rank: Int32Array): CsrMatrix {
  const kept: number[] = []
  const keptOffsets = new Int32Array(offsets.length)
  for (let row = 0; row + 1 < offsets.length; row++) {
    const entries = Array.from({ length: offsets[row + 1] - offsets[row] }, (_, i) => offsets[row] + i)
    if (entries.length > limit) entries.sort((a, b) => values[b] - values[a] || rank[indices[a]] - rank[indices[b]])
    for (const entry of entries.slice(0, limit)) kept.push(entry)
    keptOffsets[row + 1] = kept.length
  }
  return {
    offsets: keptOffsets,
    indices: Int32Array.from(kept, entry => indices[entry]),
    values: Float32Array.from(kept, entry => values[entry]),
  }
}
