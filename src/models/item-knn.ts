/** Neighbourhoods of items: a user gets what resembles the items of their history. */
import { z } from 'zod'
import { cooccurrence } from '../dataset/cooccurrence.ts'
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrMatrix } from '../kernels/kernels.ts'
import { defineBaseline, recommendByScores } from './baselines.ts'
import { tieRanks } from './ties.ts'

/**
 * score(u, j) = Σ_{i ∈ history of u} s_ij over those i that have j among their nearest, with
 * s_ij = |U_i ∩ U_j| / (sqrt(|U_i| |U_j|) + shrinkage) and s_ii = 0.
 */
export const itemKnn = defineBaseline({
  name: 'item-knn',
  summary: 'Ranks items by their cosine similarity to the items of the history.',
  source:
    'Deshpande & Karypis: "Item-based top-N recommendation algorithms", ACM TOIS 22 (2004); ' +
    'shrinkage: Dacrema et al., arXiv 1907.06902; differs: similarities are not normalised per item',
  options: z.object({
    neighbors: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(0)
      .describe('nearest items kept of each item, 0 for all that share a user with it')
      .meta({ unit: 'items' }),
    shrinkage: z
      .number()
      .min(0)
      .max(10_000)
      .default(0)
      .describe('added to the denominator of the cosine: larger trusts similarities of rare items less')
      .meta({ unit: 'users' }),
  }),
  fit({ train, kernels, seed }, { neighbors, shrinkage }) {
    const { items, byUser } = train
    const similar = cosine(train, shrinkage)
    const nearest = neighbors > 0 ? keepLargest(similar, neighbors, tieRanks(items, seed)) : similar
    return recommendByScores(kernels, train, (users, scores) => {
      scores.fill(0)
      users.forEach((user, row) => {
        const own = scores.subarray(row * items, (row + 1) * items)
        for (let e = byUser.offsets[user]; e < byUser.offsets[user + 1]; e++) addRow(nearest, byUser.indices[e], own)
      })
    })
  },
})

function cosine(train: Dataset, shrinkage: number): CsrMatrix {
  const { items, byItem } = train
  const counts = cooccurrence(train)
  const degree = (item: number) => byItem.offsets[item + 1] - byItem.offsets[item]
  for (let item = 0; item < items; item++) {
    for (let e = counts.offsets[item]; e < counts.offsets[item + 1]; e++)
      counts.values[e] /= Math.sqrt(degree(item) * degree(counts.indices[e])) + shrinkage
  }
  return counts
}

/** The matrix with at most `limit` entries a row, the largest; of equals those with the smaller rank. */
function keepLargest({ offsets, indices, values }: CsrMatrix, limit: number, rank: Int32Array): CsrMatrix {
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

function addRow({ offsets, indices, values }: CsrMatrix, row: number, target: CsrMatrix['values']): void {
  for (let e = offsets[row]; e < offsets[row + 1]; e++) target[indices[e]] += values[e]
}
