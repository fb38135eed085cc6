/** Turbo-CF: polynomial graph filters over co-interactions, without any decomposition. */
import { z } from 'zod'
import { affinities } from '../../dataset/cooccurrence.ts'
import { degreesOf, sumsOfRows } from '../../dataset/csr.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Histories } from '../../dataset/histories.ts'
import type { CsrMatrix, Floats, Kernels } from '../../kernels/interface/kernels.ts'
import { number, positive } from '../../options.ts'
import { power } from '../../powers.ts'
import { decayed, decayOptions } from '../decay.ts'
import { defineBaseline, recommendByScores } from './baseline.ts'
import { neighborBytes, raised, recommendByNeighbors } from './item-knn.ts'
import { walk } from './rp3beta.ts'

/** Coefficients of P̄, P̄² and P̄³. */
const FILTERS = {
  linear: [1],
  'second-order': [2, -1],
  'third-order': [0.71, 0.1, -0.01],
} as const

/**
 * score(u, ·) = r_u h(P̄), P̄ = (R̃ᵀR̃)^∘s (each entry to the power s), R̃ = D_U^{−α} R D_I^{α−1}; h(P̄) = P̄, 2P̄ − P̄², or
 * P̄ + 0.01 (−P̄³ + 10 P̄² − 29 P̄). Cost of a linear fit: that of all pairs of items in a history; each order more costs a product of every user's
 * scores with P̄.
 */
export const turboCf = defineBaseline({
  name: 'turbo-cf',
  summary: 'Polynomial low-pass filter over co-interactions.',
  source:
    'Park, Shin, Shin: "Turbo-CF: matrix decomposition-free graph filtering for fast recommendation", SIGIR 2024, arXiv 2404.14243; ' +
    'α and s as for Gowalla',
  options: z.object({
    alpha: number(0, 1)
      .default(0.6)
      .describe("α, power of a user's item count in the normalisation; that of users of an item has 1 − α"),
    power: positive(4).default(0.7).describe("s, power of the graph's weights"),
    filter: z
      .enum(Object.keys(FILTERS) as [keyof typeof FILTERS])
      .default('linear')
      .describe('order of the polynomial; above linear, rankings cost a product with the whole graph each'),
    ...decayOptions.shape,
  }),
  footprint: sizes => neighborBytes(sizes, { neighbors: 0 }),
  fit({ train, kernels }, { alpha, power: exponent, filter, ...decay }) {
    const exponents = { alpha: 1 - alpha, beta: 1 - alpha, gamma: 2 * alpha, shrinkage: 0 }
    const weights = raised(affinities(train, kernels, walk(train, exponents)), exponent)
    const factors = FILTERS[filter as keyof typeof FILTERS]
    if (factors.length === 1) return recommendByNeighbors(kernels, train, weights, decay)
    const apply = filtering(kernels, train, weights, diagonalOf(train, alpha, exponent), factors)
    const score = (histories: Histories, scores: Floats) => apply(decayed(kernels.memory, histories, decay), scores)
    return recommendByScores(kernels, train, score, { decay })
  },
})

/** P̄_ii, which the affinities leave out. */
function diagonalOf({ byUser, byItem }: Dataset, alpha: number, exponent: number): Float64Array {
  const steps = Float64Array.from(degreesOf(byUser), degree => 1 / power(degree, 2 * alpha))
  const degrees = degreesOf(byItem)
  return sumsOfRows(byItem, steps).map((sum, item) =>
    sum === 0 ? 0 : power(sum / power(degrees[item], 2 - 2 * alpha), exponent),
  )
}

/** Σ_n factor_n r P̄ⁿ for the rows of a block, which stand as columns meanwhile. */
function filtering(
  kernels: Kernels,
  { items }: Dataset,
  weights: CsrMatrix,
  diagonal: Float64Array,
  factors: readonly number[],
) {
  return ({ offsets, indices, values }: Histories, scores: Floats): void => {
    const rows = offsets.length - 1
    const columns = Math.ceil(rows / 4) * 4
    const { memory } = kernels
    let [signal, next] = [memory.floats(items * columns), memory.floats(items * columns)]
    for (let row = 0; row < rows; row++)
      for (let entry = offsets[row]; entry < offsets[row + 1]; entry++)
        signal[indices[entry] * columns + row] = values?.[entry] ?? 1
    scores.fill(0)
    for (const factor of factors) {
      kernels.spmm(weights, signal, next, columns)
      for (let item = 0; item < items; item++)
        for (let row = 0; row < rows; row++) {
          const at = item * columns + row
          next[at] += diagonal[item] * signal[at]
          scores[row * items + item] += factor * next[at]
        }
      ;[signal, next] = [next, signal]
    }
  }
}
