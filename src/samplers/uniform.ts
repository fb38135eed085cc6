import { z } from 'zod'
import { candidateDrawer } from './draw.ts'
import { defineSampler } from './sampler.ts'

/** Random negative sampling (RNS): one draw a negative. Cost O(log degree) a negative. */
export const uniform = defineSampler({
  name: 'uniform',
  summary: 'Uniform over items the user has not interacted with.',
  source: 'Rendle et al., "BPR", arXiv 1205.2618',
  options: z.object({}),
  usersByBatch: true,
  create(context) {
    const draw = candidateDrawer(context, 1)
    const stats = { draws: 0, rejections: 0 }
    return {
      stats,
      sample(batch, at) {
        const items = draw(batch, at)
        stats.draws += items.length
        return { perPositive: context.perPositive, pickedHops: 1, items }
      },
    }
  },
})
