import { z } from 'zod'
import { integer, number, positive } from '../options.ts'
import { dns } from './dns.ts'
import { candidateNegativesOption } from './draw.ts'
import { defineScoringSampler } from './sampler.ts'
import { candidateScoring } from './scoring.ts'

/**
 * Adaptive hardness: the candidate whose score is nearest to β (s(u, p) + α)^(q + 1). With q < −1 a positive that scores low,
 * hence is not learnt yet, gets hard negatives, and one that scores high gets easy ones. As a score to be maximised it is
 * the distance with a minus, so that `dual-tree` can wrap it. Cost O(N (log degree + D)) a negative.
 */
export const ahns = defineScoringSampler({
  name: 'ahns',
  summary: "The one of N uniform draws whose hardness suits the positive's score.",
  source:
    'Lai et al., "Adaptive hardness negative sampling", AAAI 2024, arXiv 2401.05191, with its p called power; ' +
    'differs: s(u, p) + α is taken as at least 0.001, where a power of it is defined',
  options: z.object({
    candidateNegatives: candidateNegativesOption,
    hardnessScale: positive(100).default(0.1).describe('β, scale of the score a negative should have'),
    hardnessShift: number(-100, 100).default(1).describe('α, added to the score of the positive'),
    power: integer(-8, 8).default(-2).describe('p of the aim β (score + α)^(p + 1); below −1 for fewer hard negatives as the positive is learnt'), // biome-ignore format: one line
  }),
  usersByBatch: true,
  create(context, { candidateNegatives, hardnessScale, hardnessShift, power }) {
    const { kernels, tables, batchSize, perPositive } = context
    const scoring = candidateScoring(context)
    const base = dns.create(context, { candidateNegatives })
    const positives = kernels.memory.floats(batchSize)
    const perSample = perPositive * base.perSlot
    return {
      ...base,
      score(batch, candidates) {
        const scores = base.score(batch, candidates)
        scoring.scoreCandidates(tables, batch, batch.positives.subarray(0, batch.size), 1, 1, positives)
        for (let b = 0; b < batch.size; b++) {
          const aim = hardnessScale * integerPower(Math.max(0.001, positives[b] + hardnessShift), power + 1)
          for (let n = b * perSample; n < (b + 1) * perSample; n++) scores[n] = -Math.abs(scores[n] - aim)
        }
        return scores
      },
    }
  },
})

function integerPower(base: number, exponent: number): number {
  let result = 1
  for (let factor = 0; factor < Math.abs(exponent); factor++) result *= base
  return exponent < 0 ? 1 / result : result
}
