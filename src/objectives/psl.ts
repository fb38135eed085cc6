/** Pairwise softmax loss: softmax with another surrogate in place of the exponential. */
import { z } from 'zod'
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import { choice } from '../options.ts'
import { defineVectorObjective } from './objective.ts'
import { cosinesTo, createPooled, sharedNegativesOption, temperatureOption } from './pooled.ts'

/** Below it a negative has no part: single precision, and the logarithm of 0. */
const LEAST = 1e-6

/**
 * loss_b = w_b log(1 + Σ_j σ(d_j)^{1/τ}), d_j = (cos(u, j) − cos(u, p)) / 2, σ(d) = tanh(d) + 1 or max(0, d + 1), j over the K picks and what the
 * batch shares and the user may be shown. Cost O((K + M) D) a positive.
 */
export const psl = defineVectorObjective({
  name: 'psl',
  summary: 'Softmax loss with a milder function than the exponential: false negatives weigh less.',
  source:
    'Yang et al., "PSL: rethinking and improving softmax loss from pairwise perspective for recommendation", NeurIPS 2024, arXiv 2411.00163; ' +
    'differs: the positive itself counts 1 in the sum; no arctangent',
  options: z.object({
    surrogate: choice(['relu', 'tanh']).describe('σ, in place of the exponential'),
    temperature: temperatureOption,
    sharedNegatives: sharedNegativesOption,
  }),
  usersByBatch: true,
  create(context, { surrogate, temperature, sharedNegatives }) {
    const { kernels, batchSize, perPositive } = context
    const activate = surrogate === 'relu' ? relu(kernels) : tanh(kernels)
    const { memory } = kernels
    const transformed = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }
    let slopes = new Float64Array(0)
    return createPooled(context, cosinesTo(sharedNegatives), (pool, batch, negatives, scores, derivatives, loss) => {
      const [{ size }, width] = [batch, pool.items.length]
      if (slopes.length < size * (width + perPositive)) slopes = new Float64Array(size * (width + perPositive))
      const ofPicks = slopes.subarray(size * width)
      activate(pool.scores, width, scores.positive, slopes, pool.scores)
      activate(
        scores.negative.subarray(0, size * perPositive),
        perPositive,
        scores.positive,
        ofPicks,
        transformed.negative,
      )
      kernels.sharedSoftmax(pool, batch, negatives, 1 / temperature, transformed, derivatives, loss)
      for (let b = 0; b < size; b++) {
        let sum = 0
        for (let at = b * width; at < (b + 1) * width; at++) sum += pool.scores[at] *= slopes[at]
        for (let at = b * perPositive; at < (b + 1) * perPositive; at++) sum += derivatives.negative[at] *= ofPicks[at]
        derivatives.positive[b] = -sum
      }
    })
  },
})

/** out = log σ(d) and slopes = ∂ log σ(d)/∂score, for d = (score − the positive's) / 2, `perRow` scores to a positive. */
type Activate = (scores: Floats, perRow: number, positives: Floats, slopes: Float64Array, out: Floats) => void

const relu =
  (kernels: Kernels): Activate =>
  (scores, perRow, positives, slopes, out) => {
    for (let at = 0; at < scores.length; at++) {
      const value = 1 + (scores[at] - positives[Math.floor(at / perRow)]) / 2
      slopes[at] = value > LEAST ? 0.5 / value : 0
      out[at] = kernels.log(Math.max(value, LEAST))
    }
  }

/** tanh(d) + 1 = 2 / (1 + e^{−2d}) */
const tanh =
  (kernels: Kernels): Activate =>
  (scores, perRow, positives, slopes, out) => {
    for (let at = 0; at < scores.length; at++) out[at] = scores[at] - positives[Math.floor(at / perRow)]
    kernels.sigmoid(out.subarray(0, scores.length))
    for (let at = 0; at < scores.length; at++) {
      slopes[at] = 1 - out[at]
      out[at] = kernels.log(2 * out[at])
    }
  }
