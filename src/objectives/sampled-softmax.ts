/** Sampled softmax: the positive against all negatives of a batch at once, by cosine or inner product. */
import { z } from 'zod'
import { defineVectorObjective } from './objective.ts'
import { createPool } from './pool.ts'
import { createCosine, innerProduct } from './similarity.ts'

const options = z.object({
  similarity: z
    .enum(['cosine', 'inner-product'])
    .default('cosine')
    .describe('what vectors are compared by in training; ranking is by inner product either way'),
  temperature: z
    .number()
    .min(0.001)
    .max(100)
    .default(0.1)
    .describe('τ, by which scores are divided: smaller looks at the hardest negatives; 1 is usual for inner products'),
  sharedNegatives: z
    .int()
    .min(0)
    .max(65_536)
    .default(256)
    .describe('uniform draws that all positives of a batch share, beside the K of their own; time grows with it')
    .meta({ unit: 'items' }),
  inBatch: z
    .boolean()
    .default(false)
    .describe("share the batch's positives too, as negatives of each other; time grows with the batch's square"),
  logQ: z
    .boolean()
    .default(false)
    .describe('let a shared negative count for all items that it stands for: 1 over how often it was to be expected'),
})

/**
 * loss_b = −w_b log(e^{s(u,p)/τ} / (e^{s(u,p)/τ} + Σ_k e^{s(u,n_k)/τ} + Σ_m c_m e^{s(u,n_m)/τ})), k over the picks of the
 * sampler, m over what the batch shares and the user may be shown; c_m = 1, or with `logQ` 1 over the expected number of
 * n_m among what is shared. Cost O((K + M) D) a positive.
 */
export const sampledSoftmax = defineVectorObjective({
  name: 'sampled-softmax',
  summary: 'The positive among its K negatives and hundreds more that a batch shares, by cosine and temperature.',
  source:
    'Wu et al., arXiv 2201.02327; logQ: Bengio & Senécal, IEEE TNN 19 (2008), Yi et al., RecSys 2019; ' +
    "differs: judged and observed items never count as negatives; the sampler's picks count beside the shared draws",
  options,
  create(context, choice) {
    const { kernels, dimensions, batchSize, perPositive } = context
    const { memory } = kernels
    const { sharedCount, share, index } = createPool(context, choice)
    const most = sharedCount(batchSize)
    const similarity = choice.similarity === 'cosine' ? createCosine(context, most) : innerProduct
    const block = memory.floats(batchSize * most)
    const transposed = memory.floats(most * dimensions)
    const derivatives = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }
    return {
      sharedCount,
      share,
      differentiate(batch, negatives, shared, vectors, gradients, scores, loss) {
        const compared = similarity.compare(vectors)
        const { users, positives, negatives: own } = compared
        const [size, width] = [batch.size, shared.length]
        const pool = { ...index(batch, shared), scores: block.subarray(0, size * width) }
        kernels.dotRows(users, positives, 1, dimensions, scores.positive)
        kernels.dotRows(users, own, perPositive, dimensions, scores.negative)
        kernels.transpose(compared.shared, width, dimensions, transposed)
        kernels.multiply(users, transposed, pool.scores, { rows: size, inner: dimensions, columns: width })
        kernels.sharedSoftmax(pool, batch, negatives, 1 / choice.temperature, scores, derivatives, loss)

        const toUsers = { rows: size, inner: width, columns: dimensions }
        kernels.multiply(pool.scores, compared.shared, gradients.users, toUsers)
        const toShared = { rows: width, inner: size, columns: dimensions, transposed: true }
        kernels.multiply(pool.scores, users, gradients.shared, toShared)
        kernels.dotRowsBack(users, positives, derivatives.positive, 1, dimensions, gradients.users, gradients.positives)
        kernels.dotRowsBack(
          users,
          own,
          derivatives.negative,
          perPositive,
          dimensions,
          gradients.users,
          gradients.negatives,
        )
        similarity.toGradients(gradients)
      },
    }
  },
})
