/** Cosine contrastive loss. */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { flag, number } from '../options.ts'
import { defineVectorObjective } from './objective.ts'
import { cosinesTo, createPooled, hidePool, sharedNegativesOption } from './pooled.ts'

/**
 * loss_b = w_b (max(0, 1 − cos(u, p)) + (μ/N) Σ_j max(0, cos(u, j) − m)), j over the N negatives: the K picks that are there, and what
 * the batch shares and the user may be shown. Cost O((K + M) D) a positive.
 */
export const ccl = defineVectorObjective({
  name: 'ccl',
  summary: 'Cosine contrastive loss: positives towards 1, negatives below a margin.',
  source:
    'Mao et al., "SimpleX", CIKM 2021, arXiv 2109.12613; m and μ as for Gowalla, where K is 1,000 and nothing is shared; ' +
    'differs: a batch may share negatives; judged and observed items count with --observed-negatives alone',
  options: z.object({
    cosineMargin: number(-1, 1).default(0.9).describe('m, cosine below which negatives cost nothing'),
    negativeWeight: number(0, 10_000).default(150).describe('μ, weight of the mean over negatives'),
    sharedNegatives: sharedNegativesOption,
    observedNegatives: flag.describe('shared negatives may be items of the user, as in the released code'),
    userDropout: number(0, 0.9).default(0).describe("share of a normalised user vector's elements that a step drops"),
  }),
  usersByBatch: true,
  create(context, { cosineMargin: margin, negativeWeight, sharedNegatives, observedNegatives, userDropout }) {
    if (observedNegatives && sharedNegatives === 0)
      throw new UsageError(
        'objective "ccl": --observed-negatives is about shared negatives, and there are none: give --shared-negatives too',
      )
    return createPooled(
      context,
      { ...cosinesTo(sharedNegatives), userDropout, sparse: true },
      (pool, batch, negatives, scores, derivatives, loss) => {
        const { size } = batch
        const { perPositive, pickedHops, items } = negatives
        const width = pool.items.length
        const counts = hidePool(pool, batch, observedNegatives)
        for (let slot = 0; slot < size * perPositive; slot++)
          if (items[slot * pickedHops] >= 0) counts[Math.floor(slot / perPositive)]++
        for (let b = 0; b < size; b++) {
          const weight = batch.weights?.[b] ?? 1
          const factor = (weight * negativeWeight) / counts[b]
          const push = (score: number): number => {
            loss[b] += factor * (score - margin)
            return factor / size
          }
          // dropout can bring a cosine beyond 1, where nothing is left to gain
          const pulls = scores.positive[b] < 1
          loss[b] = pulls ? weight * (1 - scores.positive[b]) : 0
          derivatives.positive[b] = pulls ? -weight / size : 0
          for (let slot = b * perPositive; slot < (b + 1) * perPositive; slot++)
            derivatives.negative[slot] =
              items[slot * pickedHops] >= 0 && scores.negative[slot] > margin ? push(scores.negative[slot]) : 0
          for (let place = b * width; place < (b + 1) * width; place++)
            pool.scores[place] = pool.scores[place] > margin ? push(pool.scores[place]) : 0
        }
      },
    )
  },
})
