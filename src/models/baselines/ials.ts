/** iALS: a factorisation of all user–item pairs, observed and not, by alternating least squares. */
import { z } from 'zod'
import { transposeValues } from '../../dataset/csr.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Floats, Kernels, SparseRows } from '../../kernels/interface/kernels.ts'
import { integer, number, positive } from '../../options.ts'
import { derive, fillUniform } from '../../random.ts'
import { decayOptions } from '../decay.ts'
import { type Embeddings, embeddingRecommender } from '../embeddings.ts'
import { type RidgeOptions, ridgesOf, weightedGram } from '../fold-in.ts'
import { dimensionsOption } from '../options.ts'
import { residentPattern } from '../rows.ts'
import { defineBaseline } from './baseline.ts'

/** Steps of the conjugate gradient for one row, from where the last pass left it. */
const STEPS = 3

const ialsOptions = z.object({
  dimensions: dimensionsOption,
  epochs: integer(1, 1000, 'passes').default(16).describe('passes over users and items'),
  unobservedWeight: positive(100).default(0.05).describe('α, weight of unobserved pairs'),
  ...decayOptions.shape,
  regularization: positive(100).default(0.5).describe('λ, strength of the regularization'),
  regularizeUnobserved: number(0, 1)
    .default(0)
    .describe('κ, share of unobserved pairs that λ grows with; each of weight α; 0 where with its interactions alone'),
  regularizationExponent: number(0, 2)
    .default(0.75)
    .describe("ν, power of a row's interactions that λ grows with; 1 is in proportion, 0 the same λ for every row"),
})

/**
 * min Σ_{observed} w (u·i − 1)² + α Σ_{all} (u·i)² + λ Σ_u (d_u + κ α I)^ν ‖u‖² + λ Σ_i (d_i + κ α U)^ν ‖i‖², with w the weight of an
 * interaction (1 where there is none) and d the sum of them. Each pass solves for all users, then for all items, by a few steps of the conjugate gradient. Cost of a pass O((U + I) D² + interactions · D).
 */
export const ials = defineBaseline({
  name: 'ials',
  summary: 'Matrix factorisation of all pairs by alternating least squares.',
  source:
    'Hu, Koren, Volinsky, ICDM 2008; loss and tuning: Rendle et al., "Revisiting the performance of iALS", arXiv 2110.14037, ' +
    'solved as by Takács et al., RecSys 2011; ' +
    'differs: κ, which is 1 there, and 0 in MLlib; defaults as on the validation data of LastFM, Beauty and two splits of Sports',
  options: ialsOptions,
  stochastic: true,
  usesWeights: true,
  fit: ({ train, kernels, seed }, options) =>
    embeddingRecommender({ ...fitIals(train, kernels, options, seed), ridge: options }, kernels, train, options),
})

/** The vectors that `ials` ranks by. */
export function fitIals(
  train: Dataset,
  kernels: Kernels,
  options: Pick<z.output<typeof ialsOptions>, 'dimensions' | 'epochs'> & RidgeOptions,
  seed: number,
): Embeddings {
  const { dimensions, epochs, unobservedWeight } = options
  const { users, items, weights } = train
  const { memory } = kernels
  const bound = 0.1 * Math.sqrt(3 / dimensions)
  return memory.scope(() => {
    const table = (rows: number, name: string) =>
      fillUniform(memory.floats(rows * dimensions), bound, derive(seed, 'ials', name))
    const [userVectors, itemVectors] = [table(users, 'users'), table(items, 'items')]
    const byUser = { ...residentPattern(memory, train.byUser), ...(weights && { values: memory.resident(weights) }) }
    const byItem = {
      ...residentPattern(memory, train.byItem),
      ...(weights && { values: memory.copy(transposeValues(train.byUser, weights, items)) }),
    }
    const gram = memory.floats(dimensions * dimensions)
    const [ofUsers, ofItems] = [ridgesOf(kernels, byUser, items, options), ridgesOf(kernels, byItem, users, options)]
    /** One table for a fixed other one, along the interactions. */
    const solve = (own: Floats, other: Floats, met: SparseRows, ridges: Floats): void => {
      weightedGram(kernels, other, dimensions, unobservedWeight, gram)
      kernels.improveRows(own, other, met, gram, ridges, { dimensions, steps: STEPS })
    }
    for (let epoch = 0; epoch < epochs; epoch++) {
      solve(userVectors, itemVectors, byUser, ofUsers)
      solve(itemVectors, userVectors, byItem, ofItems)
    }
    const kept = (values: Floats) => Float32Array.from(values)
    return { users, items, dimensions, userVectors: kept(userVectors), itemVectors: kept(itemVectors) }
  })
}
