/** Neighbourhoods of items: a user gets what resembles the items of their history. */
import { z } from 'zod'
import { affinities } from '../../dataset/cooccurrence.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { CsrMatrix, Floats, Kernels } from '../../kernels/interface/kernels.ts'
import type { Recommender } from '../model.ts'
import type { OpenContext } from '../stored.ts'
import { tieRanks } from '../ties.ts'
import { defineBaseline, recommendByScores } from './baseline.ts'

/**
 * score(u, j) = Σ_{i ∈ history of u} s_ij over those i that have j among their nearest, with
 * s_ij = |U_i ∩ U_j| / (sqrt(|U_i| |U_j|) + shrinkage) and s_ii = 0.
 *
 * The s_ij that are kept stay in kernel memory, 8 bytes each, for the memory scope in which `fit` is called.
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
    const nearest = neighbors > 0 ? { limit: neighbors, ranks: tieRanks(train.items, seed) } : undefined
    return recommendByNeighbors(kernels, train, affinities(train, kernels, { kind: 'cosine', shrinkage }, nearest))
  },
})

/** Ranks by the sum of the history's rows of `weights` [I × I], in kernel memory. */
export function recommendByNeighbors(
  kernels: Kernels,
  { users, items }: Pick<Dataset, 'users' | 'items'>,
  weights: CsrMatrix,
): Recommender {
  const { offsets, indices, values } = weights
  return recommendByScores(
    kernels,
    { users, items },
    (histories, scores) => kernels.sumSparseRows(histories, weights, items, scores),
    {
      weights,
      store: () => ({
        kind: 'neighbors',
        options: { users, items },
        tensors: {
          weight_offsets: { shape: [items + 1], values: offsets },
          weight_items: { shape: [indices.length], values: indices },
          weights: { shape: [values.length], values },
        },
      }),
    },
  )
}

export function openNeighbors({ kernels, options, tensor }: OpenContext): Recommender {
  const { memory } = kernels
  return recommendByNeighbors(kernels, options as { users: number; items: number }, {
    offsets: memory.resident(tensor('weight_offsets') as Int32Array),
    indices: memory.resident(tensor('weight_items') as Int32Array),
    values: memory.resident(tensor('weights') as Floats),
  })
}
