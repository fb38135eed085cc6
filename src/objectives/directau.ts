import { z } from 'zod'
import { number } from '../options.ts'
import { defineVectorObjective } from './objective.ts'
import { createCosine } from './similarity.ts'

/** What e^{−2‖a − b‖²} is for unit vectors: e^{4 a·b − 4}. */
const SHARPNESS = 4

/**
 * Alignment ‖û − p̂‖² of each pair, and uniformity log mean e^{−2‖a − b‖²} over all pairs of the batch's users and of its
 * items: loss_b = w_b ‖û − p̂‖² + γ/2 (uniformity of users + of items). No negative enters. Cost O(B D) a positive.
 */
export const directau = defineVectorObjective({
  name: 'directau',
  summary: 'Alignment of pairs and uniformity on the sphere, without negatives.',
  source:
    'Wang et al., "Towards representation alignment and uniformity in collaborative filtering", KDD 2022, arXiv 2206.12811',
  options: z.object({
    uniformity: number(0, 100)
      .default(1)
      .describe('γ, weight of the uniformity; the paper tries 0.2 to 10, less on dense data'),
  }),
  usersByBatch: true,
  create(context, { uniformity }) {
    const { kernels, dimensions, batchSize } = context
    const { memory } = kernels
    const { compare, toGradients } = createCosine(context, 0)
    const block = memory.floats(batchSize * stride(batchSize))
    const transposed = memory.floats(stride(batchSize) * dimensions)
    const padded = memory.floats(stride(batchSize) * dimensions)
    const sums = memory.floats(batchSize)

    /** γ/2 · log mean; its gradient by the rows [size × D] is left in `out`. */
    const spread = (rows: typeof block, size: number, out: typeof block): number => {
      const width = stride(size)
      const own = block.subarray(0, size * width)
      const ownSums = sums.subarray(0, size)
      padded.set(rows)
      padded.fill(0, rows.length)
      kernels.transpose(padded, width, dimensions, transposed)
      kernels.multiply(rows, transposed, own, { rows: size, inner: dimensions, columns: width })
      kernels.gaussianRows(own, width, SHARPNESS, ownSums)
      let total = 0
      for (const sum of ownSums) total += sum
      out.fill(0)
      if (total === 0) return 0
      kernels.multiply(own, padded, out, { rows: size, inner: width, columns: dimensions })
      const factor = (uniformity * SHARPNESS) / total
      for (let at = 0; at < out.length; at++) out[at] *= factor
      return (uniformity / 2) * kernels.log(total / (size * (size - 1)))
    }

    return {
      sharedCount: () => 0,
      share() {},
      differentiate({ size, weights }, { perPositive }, _shared, vectors, gradients, scores, loss) {
        const { users, positives, negatives } = compare(vectors)
        kernels.dotRows(users, positives, 1, dimensions, scores.positive)
        kernels.dotRows(users, negatives, perPositive, dimensions, scores.negative)
        const common = spread(users, size, gradients.users) + spread(positives, size, gradients.positives)
        gradients.negatives.fill(0)
        for (let b = 0; b < size; b++) {
          const weight = weights?.[b] ?? 1
          loss[b] = common
          for (let at = b * dimensions; at < (b + 1) * dimensions; at++) {
            const difference = users[at] - positives[at]
            loss[b] += weight * difference * difference
            gradients.users[at] += (2 * weight * difference) / size
            gradients.positives[at] -= (2 * weight * difference) / size
          }
        }
        toGradients(gradients)
      },
    }
  },
})

/** Rows of a block are whole vectors of four. */
const stride = (size: number) => Math.ceil(size / 4) * 4
