import { z } from 'zod'
import { integer } from '../options.ts'
import { derive } from '../random.ts'
import { dns } from './dns.ts'
import { candidateNegativesOption } from './draw.ts'
import { defineScoringSampler } from './sampler.ts'

/**
 * DNS(M, N): a random one of the M candidates that score highest among N. M and N set how far into the tail of the ranking
 * negatives lie, which Shi et al. tie to the cut-off of the metric. Cost O(N (log degree + D + M)) a negative.
 */
export const dnsMn = defineScoringSampler({
  name: 'dns-mn',
  summary: 'A random one of the M highest-scored of N uniform draws.',
  source:
    'Shi et al., "On the theories behind hard negative sampling", WWW 2023, arXiv 2302.03472; M = 5, N = 10 as released',
  options: z.object({
    candidateNegatives: candidateNegativesOption,
    hardest: integer(1, 1024, 'items')
      .default(5)
      .describe('M, highest-scored of the N to pick from; all of them when N is smaller'),
  }),
  usersByBatch: true,
  create(context, { candidateNegatives, hardest }) {
    const { kernels, batchSize, perPositive, seed } = context
    const base = dns.create(context, { candidateNegatives })
    const { perSlot } = base
    const key = derive(seed, 'rank')
    const ranks = kernels.memory.floats(batchSize * perPositive)
    const picked = kernels.memory.ints(batchSize * perPositive)
    const among = Math.min(hardest, perSlot)
    return {
      ...base,
      draw(batch, at) {
        kernels.drawUniforms({ key, ...at }, batch.size * perPositive, 1, ranks)
        return base.draw(batch, at)
      },
      pick(batch, candidates, scores) {
        const items = picked.subarray(0, batch.size * perPositive)
        for (let slot = 0; slot < items.length; slot++) {
          const rank = Math.floor(ranks[slot] * among)
          items[slot] = candidates[slot * perSlot + placeOfRank(scores, slot * perSlot, perSlot, rank)]
        }
        return { perPositive, pickedHops: 1, items }
      },
    }
  },
})

/** Place in scores[first … first + count) of the one that `rank` others precede: larger, or equal and earlier. */
export function placeOfRank(scores: ArrayLike<number>, first: number, count: number, rank: number): number {
  let place = -1
  for (let above = 0; above <= rank; above++) {
    let next = -1
    for (let n = 0; n < count; n++) {
      const score = scores[first + n]
      const before = place < 0 || score < scores[first + place] || (score === scores[first + place] && n > place)
      if (before && (next < 0 || score > scores[first + next])) next = n
    }
    place = next
  }
  return place
}
