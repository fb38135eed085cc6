/** Sampled softmax: the positive against all negatives of a batch at once, by cosine or inner product. */
import { z } from 'zod'
import { flag } from '../options.ts'
import { defineVectorObjective } from './objective.ts'
import { createPooled, sharedNegativesOption, similarityOption, temperatureOption } from './pooled.ts'

const options = z.object({
  similarity: similarityOption,
  temperature: temperatureOption,
  sharedNegatives: sharedNegativesOption,
  inBatch: flag.describe("positives of a batch are shared negatives too; time grows with the batch's square"),
  logQ: flag.describe('weight shared negatives by 1 over their expected count'),
})

/**
 * loss_b = −w_b log(e^{s(u,p)/τ} / (e^{s(u,p)/τ} + Σ_k e^{s(u,n_k)/τ} + Σ_m c_m e^{s(u,n_m)/τ})), k over the picks of the
 * sampler, m over what the batch shares and the user may be shown; c_m = 1, or with `logQ` 1 over the expected number of
 * n_m among what is shared. Cost O((K + M) D) a positive.
 */
export const sampledSoftmax = defineVectorObjective({
  name: 'sampled-softmax',
  summary: 'Softmax over K own negatives and those a batch shares, by cosine and temperature.',
  source:
    'Wu et al., arXiv 2201.02327; logQ: Bengio & Senécal, IEEE TNN 19 (2008), Yi et al., RecSys 2019; ' +
    "differs: judged and observed items never count as negatives; the sampler's picks count beside the shared draws",
  options,
  usersByBatch: true,
  create: (context, choice) =>
    createPooled(context, choice, (pool, batch, negatives, scores, derivatives, loss) =>
      context.kernels.sharedSoftmax(pool, batch, negatives, 1 / choice.temperature, scores, derivatives, loss),
    ),
})
