import { z } from 'zod'
import { dns } from '../../../src/samplers/dns.ts'
import { candidateNegativesOption } from '../../../src/samplers/draw.ts'
import { defineScoringSampler } from '../../../src/samplers/sampler.ts'

/** A control for dns: the same draw, the opposite choice. Cost as dns. */
export const easiest = defineScoringSampler({
  name: 'easiest',
  summary: 'A control: of N uniform draws the one that the model scores lowest.',
  source: 'Zhang et al., SIGIR 2013; differs: the lowest score, not the highest',
  options: z.object({ candidateNegatives: candidateNegativesOption }),
  create(context, options) {
    const base = dns.create(context, options)
    return {
      ...base,
      score(batch, candidates) {
        const scores = base.score(batch, candidates)
        for (let i = 0; i < scores.length; i++) scores[i] = -scores[i]
        return scores
      },
    }
  },
})
