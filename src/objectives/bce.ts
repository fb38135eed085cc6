import { z } from 'zod'
import { defineObjective } from './objective.ts'

/** log(1 + e^{−s(u, p)}) + Σ_k log(1 + e^{s(u, n_k)}): positives are to be 1 and negatives 0 under a logistic function. */
export const bce = defineObjective({
  name: 'bce',
  summary: 'Binary cross-entropy of the positive and its K negatives.',
  source: 'He et al., "Neural collaborative filtering", WWW 2017, arXiv 1708.05031, eq. 7',
  options: z.object({}),
  create: kernels => ({
    differentiate: (batch, negatives, scores, derivatives, loss) =>
      kernels.crossEntropy(batch, negatives, scores, derivatives, loss),
  }),
})
