/** GF-CF: co-interactions of items as one graph filter, and an ideal low-pass filter beside it. */
import { z } from 'zod'
import { affinities } from '../../dataset/cooccurrence.ts'
import { degreesOf } from '../../dataset/csr.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Kernels } from '../../kernels/interface/kernels.ts'
import { integer, number } from '../../options.ts'
import { power } from '../../powers.ts'
import { derive } from '../../random.ts'
import { singularVectors } from '../../trees/singular.ts'
import { decayOptions } from '../decay.ts'
import { packVectors } from '../rows.ts'
import { defineBaseline } from './baseline.ts'
import { type LowPass, recommendFiltered } from './graph-filter.ts'
import { neighborBytes } from './item-knn.ts'
import { walk } from './rp3beta.ts'

/**
 * score(u, ·) = r_u (P̃ D_I^{1/2−β} + α D_I^{−1/2} V Vᵀ D_I^δ), P̃ = R̃ᵀR̃, R̃ = D_U^{−1/2} R D_I^{−1/2}, V the right singular vectors of R̃ of the
 * largest singular values; β = δ = ½ in the paper. The diagonal of P̃, which scores nothing but what is in the history, is left out. Cost of a fit: that of all pairs of items in a
 * history, and fourteen sparse products with 1.25 |V| columns; of a ranking I |V| more per user.
 */
export const gfCf = defineBaseline({
  name: 'gf-cf',
  summary: 'Linear and ideal low-pass graph filters over co-interactions.',
  source:
    'Shen et al., "How powerful is graph convolution for recommendation?", CIKM 2021, arXiv 2108.07567; α and |V| as released; ' +
    'differs: singular vectors by subspace iteration, the last of them approximate; β and δ apart from ½ are ours',
  options: z.object({
    lowPassWeight: number(0, 100)
      .default(0.3)
      .describe('α, weight of the ideal low-pass filter; 0 leaves it out, and the fit is over in seconds'),
    beta: number(0, 4)
      .default(0.5)
      .describe('β, power of popularity that divides the linear filter: below 0.5 popular items rank higher'),
    lowPassPopularity: number(0, 4).default(0.5).describe('δ, power of popularity that multiplies the low-pass filter'),
    vectors: integer(1, 1024, 'vectors')
      .default(256)
      .describe('singular vectors of the low-pass filter; time grows with its square'),
    ...decayOptions.shape,
  }),
  stochastic: true,
  footprint: (sizes, { vectors }) => neighborBytes(sizes, { neighbors: 0 }) + 8 * sizes.items * vectors,
  fit({ train, kernels, seed }, { lowPassWeight, beta, lowPassPopularity, vectors, ...decay }) {
    const weights = affinities(train, kernels, walk(train, { alpha: 0.5, beta, gamma: 1, shrinkage: 0 }))
    const given = { weight: lowPassWeight, popularity: lowPassPopularity, count: vectors }
    const lowPass = lowPassWeight > 0 ? lowPassOf(train, kernels, seed, given) : undefined
    return recommendFiltered(kernels, train, weights, lowPass, decay)
  },
})

function lowPassOf(
  train: Dataset,
  kernels: Kernels,
  seed: number,
  { weight, popularity, count }: { readonly weight: number; readonly popularity: number; readonly count: number },
): LowPass {
  const { vectors: leave, columns } = singularVectors(train, count, kernels, derive(seed, 'gf-cf'))
  const { memory } = kernels
  const degrees = degreesOf(train.byItem)
  const other = leave.slice()
  for (let item = 0; item < train.items; item++) {
    const root = Math.sqrt(degrees[item])
    const arriving = weight * power(degrees[item], popularity)
    for (let at = item * columns; at < (item + 1) * columns; at++) {
      leave[at] = root === 0 ? 0 : leave[at] / root
      other[at] *= arriving
    }
  }
  return { leave: memory.resident(leave), arrive: packVectors(kernels, other, columns), columns }
}
