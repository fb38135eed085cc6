import { z } from 'zod'
import { candidateDrawer, candidateNegativesOption } from './draw.ts'
import { defineScoringSampler, largestPicker } from './sampler.ts'
import { candidateScoring } from './scoring.ts'

/** Dynamic negative sampling. Cost O(N (log degree + D)) a negative. */
export const dns = defineScoringSampler({
  name: 'dns',
  summary: 'The highest-scored of N uniform draws.',
  source: 'Zhang et al., "Optimizing top-N collaborative filtering via dynamic negative item sampling", SIGIR 2013',
  options: z.object({ candidateNegatives: candidateNegativesOption }),
  usersByBatch: true,
  create(context, { candidateNegatives: perSlot }) {
    const { kernels, tables, batchSize, perPositive } = context
    const scoring = candidateScoring(context)
    const scores = kernels.memory.floats(batchSize * perPositive * perSlot)
    return {
      perSlot,
      hops: 1,
      draw: candidateDrawer(context, perSlot),
      score(batch, candidates) {
        const out = scores.subarray(0, candidates.length)
        scoring.scoreCandidates(tables, batch, candidates, perSlot, 1, out)
        return out
      },
      pick: largestPicker(context, perSlot, 1),
    }
  },
})
