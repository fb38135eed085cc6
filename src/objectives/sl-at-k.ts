/** SL@K: softmax loss whose positives weigh by their chance to be among the first K. */
import { z } from 'zod'
import { integer, number } from '../options.ts'
import { defineVectorObjective } from './objective.ts'
import { cosinesTo, createPooled, hidePool, sharedNegativesOption, temperatureOption } from './pooled.ts'

/**
 * loss_b = w_b σ((cos(u, p) − β) / τ_w) · (softmax loss of b), β the score that as large a share of the pool exceeds as K items are of the
 * catalogue. The weight is taken as a constant: it has no gradient. Cost that of sampled-softmax.
 */
export const slAtK = defineVectorObjective({
  name: 'sl-at-k',
  summary: 'Softmax loss that weights positives by their distance to the first K places.',
  source:
    'Yang et al., "Breaking the top-K barrier: advancing top-K ranking metrics optimization in recommender systems", KDD 2025; ' +
    'differs: the quantile β is that of the shared negatives of each batch, not of draws every few epochs',
  options: z.object({
    cutoff: integer(1, 1000, 'items').default(20).describe('K, places that count'),
    temperature: temperatureOption,
    weightTemperature: number(0.01, 1e9)
      .default(1)
      .describe("τ_w, softness of the weight's fall below K: smaller is closer to a step"),
    sharedNegatives: sharedNegativesOption,
  }),
  usersByBatch: true,
  create(context, { cutoff, temperature, weightTemperature, sharedNegatives }) {
    const { kernels, train, batchSize } = context
    const weights = kernels.memory.floats(batchSize)
    const rank = Math.max(1, Math.round((cutoff * sharedNegatives) / train.items))
    return createPooled(context, cosinesTo(sharedNegatives), (pool, batch, negatives, scores, derivatives, loss) => {
      const largest = createLargest(rank, batch.size)
      hidePool(pool, batch)
      pool.scores.forEach((score, place) => {
        if (score !== Number.NEGATIVE_INFINITY) largest.add(Math.floor(place / pool.items.length), score)
      })
      const used = weights.subarray(0, batch.size)
      for (let b = 0; b < batch.size; b++) used[b] = (scores.positive[b] - largest.least(b)) / weightTemperature
      kernels.sigmoid(used)
      for (let b = 0; b < batch.size; b++) used[b] *= batch.weights?.[b] ?? 1
      const weighted = { ...batch, weights: used }
      kernels.sharedSoftmax(pool, weighted, negatives, 1 / temperature, scores, derivatives, loss)
    })
  },
})

/** Keeps the `most` largest values of each row. */
function createLargest(most: number, rows: number) {
  const kept = new Float64Array(most * rows).fill(-1)
  const counts = new Int32Array(rows)
  return {
    add(row: number, value: number): void {
      const first = row * most
      if (counts[row] === most && value <= kept[first + most - 1]) return
      let place = first + (counts[row] < most ? counts[row]++ : most - 1)
      for (; place > first && kept[place - 1] < value; place--) kept[place] = kept[place - 1]
      kept[place] = value
    },
    /** The smallest that is kept; −1, the least cosine, when there is none. */
    least: (row: number) => kept[row * most + Math.max(0, counts[row] - 1)],
  }
}
