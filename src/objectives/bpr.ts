import { z } from 'zod'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { defineObjective, type Objective } from './objective.ts'

/** log(1 + Σ_k exp(s(u, n_k) − s(u, p))), or the mean over k of log(1 + exp(…)); for K = 1 both are −log σ(s(u, p) − s(u, n)). */
export const bpr = defineObjective({
  name: 'bpr',
  summary: 'Bayesian personalised ranking: the positive above its K negatives.',
  source:
    'Rendle et al., "BPR", arXiv 1205.2618; differs: K negatives share one log-sum unless --pair-losses mean is given',
  options: z.object({
    pairLosses: z
      .enum(['log-sum', 'mean'])
      .default('log-sum')
      .describe(
        'what K negatives make together: one log-sum, in which those that score highest weigh most, or the mean of the losses of single pairs',
      ),
  }),
  create: (kernels, { pairLosses }) => ({
    differentiate:
      pairLosses === 'mean'
        ? meanOfPairs(kernels)
        : (batch, negatives, scores, derivatives, loss) => kernels.bpr(batch, negatives, scores, derivatives, loss),
  }),
})

/** The kernel over the pairs as if each were a positive of its own with one negative: [B × K] in place of [B]. */
function meanOfPairs(kernels: Kernels): Objective['differentiate'] {
  const make = (length: number) => {
    const array = () => kernels.memory.floats(length)
    return { weights: array(), positive: array(), derivative: array(), loss: array() }
  }
  let pairs = make(0)
  return (batch, negatives, scores, derivatives, loss) => {
    const { size, weights } = batch
    const { perPositive } = negatives
    const count = size * perPositive
    if (pairs.loss.length < count) pairs = make(count)
    for (let b = 0; b < size; b++) {
      pairs.positive.fill(scores.positive[b], b * perPositive, (b + 1) * perPositive)
      if (weights) pairs.weights.fill(weights[b], b * perPositive, (b + 1) * perPositive)
    }
    kernels.bpr(
      { ...batch, size: count, ...(weights && { weights: pairs.weights }) },
      { ...negatives, perPositive: 1 },
      { positive: pairs.positive, negative: scores.negative },
      { positive: pairs.derivative, negative: derivatives.negative },
      pairs.loss,
    )
    for (let b = 0; b < size; b++) {
      let [slope, sum] = [0, 0]
      for (let slot = b * perPositive; slot < (b + 1) * perPositive; slot++) {
        slope += pairs.derivative[slot]
        sum += pairs.loss[slot]
      }
      derivatives.positive[b] = slope
      loss[b] = sum / perPositive
    }
  }
}
