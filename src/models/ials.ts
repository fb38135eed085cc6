/** iALS: a factorisation of all user–item pairs, observed and not, by alternating least squares. */
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrPattern } from '../kernels/kernels.ts'
import { derive, randomStream } from '../random.ts'
import { defineBaseline } from './baselines.ts'
import { type Embeddings, embeddingRecommender } from './embeddings.ts'
import { dimensionsOption } from './options.ts'

/** Steps of the conjugate gradient for one row, from where the last pass left it. */
const STEPS = 3

const ialsOptions = z.object({
  dimensions: dimensionsOption,
  epochs: z.int().min(1).max(1000).default(16).describe('passes over users and items').meta({ unit: 'passes' }),
  unobservedWeight: z
    .number()
    .positive()
    .max(100)
    .default(0.02)
    .describe('α, weight of the pairs that were not observed'),
  regularization: z.number().positive().max(100).default(0.01).describe('λ, times how often a row is looked at'),
})

/**
 * min Σ_{observed} (u·i − 1)² + α Σ_{all} (u·i)² + λ Σ_u (d_u + α I) ‖u‖² + λ Σ_i (d_i + α U) ‖i‖². Each pass solves for all
 * users, then for all items, by a few steps of the conjugate gradient. Cost of a pass O((U + I) D² + interactions · D).
 */
export const ials = defineBaseline({
  name: 'ials',
  summary: 'Matrix factorisation of all pairs at once by alternating least squares.',
  source:
    'Hu, Koren, Volinsky, ICDM 2008; loss and tuning: Rendle et al., "Revisiting the performance of iALS", arXiv 2110.14037, ' +
    'ν = 1; solved as by Takács et al., RecSys 2011; differs: weights of interactions do not enter; α and λ as on the validation data of Amazon Sports',
  options: ialsOptions,
  stochastic: true,
  fit: ({ train, kernels, seed }, options) => embeddingRecommender(fitIals(train, options, seed), kernels),
})

/** The vectors that `ials` ranks by. */
export function fitIals(
  train: Dataset,
  { dimensions, epochs, unobservedWeight, regularization }: z.output<typeof ialsOptions>,
  seed: number,
): Embeddings {
  const { users, items, byUser, byItem } = train
  const table = (rows: number, name: string) => {
    const random = randomStream(derive(seed, 'ials', name))
    const bound = 0.1 * Math.sqrt(3 / dimensions)
    return Float32Array.from({ length: rows * dimensions }, () => (2 * random.uniform() - 1) * bound)
  }
  const [userVectors, itemVectors] = [table(users, 'users'), table(items, 'items')]
  const solve = createSolver(dimensions, unobservedWeight, regularization)
  for (let epoch = 0; epoch < epochs; epoch++) {
    solve(userVectors, itemVectors, byUser)
    solve(itemVectors, userVectors, byItem)
  }
  return { users, items, dimensions, userVectors, itemVectors }
}

/** @returns a function that improves the rows of one table for a fixed other one, along who met whom. */
function createSolver(dimensions: number, alpha: number, lambda: number) {
  const gram = new Float64Array(dimensions * dimensions)
  const [residual, direction, image] = [0, 1, 2].map(() => new Float64Array(dimensions))

  return (own: Float32Array, other: Float32Array, met: CsrPattern): void => {
    const count = other.length / dimensions
    fillGram(other, dimensions, alpha, gram)
    for (let row = 0; row + 1 < met.offsets.length; row++) {
      const partners = met.indices.subarray(met.offsets[row], met.offsets[row + 1])
      const ridge = lambda * (partners.length + alpha * count)
      const vector = own.subarray(row * dimensions, (row + 1) * dimensions)
      /** out = (α G + Σ h hᵀ + ridge) x */
      const apply = (x: Float64Array | Float32Array, out: Float64Array) => {
        for (let a = 0; a < dimensions; a++) {
          let sum = ridge * x[a]
          for (let b = 0, at = a * dimensions; b < dimensions; b++, at++) sum += gram[at] * x[b]
          out[a] = sum
        }
        for (const partner of partners) {
          const first = partner * dimensions
          let product = 0
          for (let d = 0; d < dimensions; d++) product += other[first + d] * x[d]
          for (let d = 0; d < dimensions; d++) out[d] += product * other[first + d]
        }
      }
      apply(vector, image)
      residual.fill(0)
      for (const partner of partners)
        for (let d = 0; d < dimensions; d++) residual[d] += other[partner * dimensions + d]
      for (let d = 0; d < dimensions; d++) residual[d] -= image[d]
      descend(vector, residual, direction, image, apply)
    }
  }
}

/** α XᵀX */
function fillGram(x: Float32Array, dimensions: number, alpha: number, out: Float64Array): void {
  out.fill(0)
  for (let first = 0; first < x.length; first += dimensions)
    for (let a = 0; a < dimensions; a++) {
      const left = alpha * x[first + a]
      for (let b = 0, at = a * dimensions; b < dimensions; b++, at++) out[at] += left * x[first + b]
    }
}

/** The conjugate gradient from `x`, whose residual is given. */
function descend(
  x: Float32Array,
  residual: Float64Array,
  direction: Float64Array,
  image: Float64Array,
  apply: (x: Float64Array, out: Float64Array) => void,
): void {
  direction.set(residual)
  let squares = dot(residual, residual)
  for (let step = 0; step < STEPS && squares > 1e-20; step++) {
    apply(direction, image)
    const length = squares / dot(direction, image)
    for (let d = 0; d < x.length; d++) {
      x[d] += length * direction[d]
      residual[d] -= length * image[d]
    }
    const next = dot(residual, residual)
    for (let d = 0; d < x.length; d++) direction[d] = residual[d] + (next / squares) * direction[d]
    squares = next
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d]
  return sum
}
