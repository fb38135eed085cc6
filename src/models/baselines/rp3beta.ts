/** RP³β: three steps of a random walk from the user, popular ends held back. */
import { z } from 'zod'
import { affinities } from '../../dataset/cooccurrence.ts'
import { degreesOf } from '../../dataset/csr.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Affinity, CsrMatrix, CsrPattern } from '../../kernels/interface/kernels.ts'
import { flag, integer, number } from '../../options.ts'
import { power } from '../../powers.ts'
import { decayOptions } from '../decay.ts'
import { tieRanks } from '../ties.ts'
import { defineBaseline } from './baseline.ts'
import { neighborBytes, raised, recommendByNeighbors, weightPowerOption } from './item-knn.ts'

/**
 * score(u, j) = Σ_{i ∈ history of u} w_ij, w_ij = Σ_v d_v^{−γ} / (d_i^α d_j^β + shrinkage) over the users v of i and j;
 * w_ii = 0, and γ = α as in the paper unless it is given.
 */
export const rp3beta = defineBaseline({
  name: 'rp3beta',
  summary: 'Short random walks over the interactions that penalise popular items.',
  source:
    'Paudel et al., "Updatable, accurate, diverse, and scalable recommendations", ACM TiiS 7 (2017); ' +
    'differs: only the nearest items of each are kept; shrinkage, 0 in the paper; γ apart from α; α and β as on the validation data of Amazon Sports',
  options: z.object({
    alpha: number(0, 4).default(0.5).describe('α, power of each step: below 1 popular items and busy users count more'),
    beta: number(0, 4).default(0.375).describe('β, power of popularity that divides scores'),
    gamma: number(0, 4).optional().describe('γ, power of the interactions of users passed; α when absent'),
    normalize: flag.describe('divide the weights of each history item by their sum'),
    shrinkage: number(0, 10_000)
      .default(0)
      .describe('added to d_i^α d_j^β: larger trusts the walks between rare items less'),
    neighbors: integer(1, 1_000_000, 'items').default(200).describe('heaviest items kept per item'),
    power: weightPowerOption,
    ...decayOptions.shape,
  }),
  search: {
    power: [1, 1.25, 1.5],
    beta: [0.125, 0.25, 0.375, 0.5, 0.625],
    shrinkage: [0, 1, 2, 4],
    alpha: [0.5, 0.625, 0.75],
    gamma: [0.5, 0.75, 1],
    decay: [0.7, 0.8, 0.9, 1],
  },
  footprint: neighborBytes,
  fit({ train, kernels, seed }, options) {
    const { alpha, beta, gamma = alpha, normalize, shrinkage, neighbors, power: exponent, ...decay } = options
    const nearest = { limit: neighbors, ranks: tieRanks(train.items, seed) }
    const weights = raised(
      affinities(train, kernels, walk(train, { alpha, beta, gamma, shrinkage }), nearest),
      exponent,
    )
    if (normalize) divideBySums(weights)
    return recommendByNeighbors(kernels, train, weights, decay)
  },
})

/** w as the kernels sum it up. */
export function walk(
  { byUser, byItem }: Pick<Dataset, 'byUser' | 'byItem'>,
  { alpha, beta, gamma, shrinkage }: Readonly<Record<'alpha' | 'beta' | 'gamma' | 'shrinkage', number>>,
): Affinity {
  const powers = (pattern: CsrPattern, of: (degree: number) => number) => Float64Array.from(degreesOf(pattern), of)
  return {
    kind: 'walk',
    leave: powers(byItem, degree => 1 / power(degree, alpha)),
    step: powers(byUser, degree => 1 / power(degree, gamma)),
    hold: powers(byItem, degree => power(degree, beta)),
    shrinkage,
  }
}

/** In place: each row sums to 1. */
function divideBySums({ offsets, values }: CsrMatrix): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    let sum = 0
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) sum += values[entry]
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) values[entry] /= sum
  }
}
