import { z } from 'zod'
import { defineObjective } from './objective.ts'

/** log(1 + Σ_k exp(s(u, n_k) − s(u, p))); for K = 1 this is −log σ(s(u, p) − s(u, n)). */
export const bpr = defineObjective({
  name: 'bpr',
  summary: 'Bayesian personalised ranking: the positive above its K negatives.',
  source: 'Rendle et al., "BPR", arXiv 1205.2618; differs: K negatives share one log-sum',
  options: z.object({}),
  create: kernels => ({
    differentiate: (batch, negatives, scores, derivatives, loss) =>
      kernels.bpr(batch, negatives, scores, derivatives, loss),
  }),
})
