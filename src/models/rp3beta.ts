/** RP³β: three steps of a random walk from the user, popular ends held back. */
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrMatrix } from '../kernels/kernels.ts'
import { eighthPower } from '../powers.ts'
import { defineBaseline } from './baselines.ts'
import { recommendByNeighbors } from './item-knn.ts'
import { keepLargest } from './item-similarity.ts'
import { tieRanks } from './ties.ts'

const exponent = (standard: number, help: string) =>
  z.number().min(0).max(4).multipleOf(0.125).default(standard).describe(`${help}; in eighths`)

/** score(u, j) = Σ_{i ∈ history of u} w_ij, w_ij = Σ_v (1 / d_i)^α (1 / d_v)^α / d_j^β over the users v of i and j; w_ii = 0. */
export const rp3beta = defineBaseline({
  name: 'rp3beta',
  summary: 'Ranks items by short random walks over the interactions, popular items held back.',
  source:
    'Paudel et al., "Updatable, accurate, diverse, and scalable recommendations", ACM TiiS 7 (2017); ' +
    'differs: only the nearest items of each are kept; α and β as on the validation data of Amazon Sports',
  options: z.object({
    alpha: exponent(0.5, 'α, power of each step of the walk: below 1 popular items and busy users count more'),
    beta: exponent(0.375, 'β, power of the popularity that scores are divided by'),
    neighbors: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(200)
      .describe('items kept of each item, those with the largest weights')
      .meta({ unit: 'items' }),
  }),
  fit({ train, kernels, seed }, { alpha, beta, neighbors }) {
    const nearest = keepLargest(walks(train, alpha, beta), neighbors, tieRanks(train.items, seed))
    return recommendByNeighbors(kernels, train, nearest)
  },
})

/** w [I × I], rows ascending. */
function walks({ items, byUser, byItem }: Dataset, alpha: number, beta: number): CsrMatrix {
  const degree = (offsets: Int32Array, row: number) => offsets[row + 1] - offsets[row]
  const step = Float64Array.from({ length: byUser.offsets.length - 1 }, (_, user) => 1 / eighthPower(degree(byUser.offsets, user), alpha)) // biome-ignore format: one line
  const held = Float64Array.from({ length: items }, (_, item) => eighthPower(degree(byItem.offsets, item), beta))
  const offsets = new Int32Array(items + 1)
  const indices: number[] = []
  const values: number[] = []
  const sums = new Float64Array(items)
  for (let item = 0; item < items; item++) {
    const reached: number[] = []
    const first = 1 / eighthPower(degree(byItem.offsets, item), alpha)
    for (const user of byItem.indices.subarray(byItem.offsets[item], byItem.offsets[item + 1])) {
      for (const other of byUser.indices.subarray(byUser.offsets[user], byUser.offsets[user + 1])) {
        if (other === item) continue
        if (sums[other] === 0) reached.push(other)
        sums[other] += first * step[user]
      }
    }
    reached.sort((a, b) => a - b)
    for (const other of reached) {
      indices.push(other)
      values.push(sums[other] / held[other])
      sums[other] = 0
    }
    offsets[item + 1] = indices.length
  }
  return { offsets, indices: Int32Array.from(indices), values: Float32Array.from(values) }
}
