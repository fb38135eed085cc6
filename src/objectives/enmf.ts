/** ENMF: the squared loss over all items, at the cost of the positives. */
import { z } from 'zod'
import { degreesOf } from '../dataset/csr.ts'
import { positive } from '../options.ts'
import { defineVectorObjective } from './objective.ts'

/**
 * loss_b = w_b ((1 − c) s² − 2 s + (c / d_u) Σ_i (u·v_i)²), s = u·p, i over all items: over an epoch that is Σ_u Σ_i of (s − 1)² for what was
 * observed and c s² for the rest, but for a constant. Σ_i (u·v_i)² = uᵀ (Σ_i v_i v_iᵀ) u, so that a batch costs O((B + I) D²).
 */
export const enmf = defineVectorObjective({
  name: 'enmf',
  summary: 'Squared error over all items; use the sampler uniform, which it ignores.',
  source:
    'Chen et al., "Efficient neural matrix factorization without sampling for recommendation", ACM TOIS 38 (2020); ' +
    'differs: inner products in place of a prediction layer, no dropout; batches of pairs, not of users',
  options: z.object({
    unobservedWeight: positive(1).default(0.05).describe('c, weight of unobserved pairs; the paper tries 0.001 to 0.5'),
  }),
  create(context, { unobservedWeight: c }) {
    const { kernels, dimensions, train, batchSize, perPositive } = context
    const { memory } = kernels
    const degrees = degreesOf(train.byUser)
    const count = Math.ceil(train.items / 4) * 4
    const [gram, square] = [memory.floats(dimensions ** 2), memory.floats(dimensions ** 2)]
    const [through, scaled] = [memory.floats(batchSize * dimensions), memory.floats(batchSize * dimensions)]
    const derivatives = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }
    return {
      sharedCount: () => count,
      share(_batch, _at, out) {
        for (let m = 0; m < count; m++) out[m] = m < train.items ? m : -1
      },
      differentiate({ size, users: own, weights }, _negatives, _shared, vectors, gradients, scores, loss) {
        const { users, positives, negatives, shared } = vectors
        const rows = { rows: size, inner: dimensions, columns: dimensions }
        const outer = { rows: dimensions, columns: dimensions, transposed: true }
        const products = through.subarray(0, size * dimensions)
        kernels.multiply(shared, shared, gram, { ...outer, inner: count })
        kernels.multiply(users, gram, products, rows)
        kernels.dotRows(users, positives, 1, dimensions, scores.positive)
        kernels.dotRows(users, negatives, perPositive, dimensions, scores.negative)
        const factors = scaled.subarray(0, size * dimensions)
        for (let b = 0; b < size; b++) {
          const weight = weights?.[b] ?? 1
          const s = scores.positive[b]
          const all = (weight * c) / Math.max(1, degrees[own[b]])
          let squares = 0
          for (let at = b * dimensions; at < (b + 1) * dimensions; at++) {
            squares += products[at] * users[at]
            gradients.users[at] = (2 * all * products[at]) / size
            factors[at] = (2 * all * users[at]) / size
          }
          loss[b] = weight * ((1 - c) * s * s - 2 * s) + all * squares
          derivatives.positive[b] = (weight * (2 * (1 - c) * s - 2)) / size
        }
        kernels.multiply(users, factors, square, { ...outer, inner: size })
        kernels.multiply(shared, square, gradients.shared, { ...rows, rows: count })
        kernels.dotRowsBack(users, positives, derivatives.positive, 1, dimensions, gradients.users, gradients.positives)
        gradients.negatives.fill(0)
      },
    }
  },
})
