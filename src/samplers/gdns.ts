import { z } from 'zod'
import { number } from '../options.ts'
import { dns } from './dns.ts'
import { candidateNegativesOption } from './draw.ts'
import { defineScoringSampler } from './sampler.ts'
import { createGapScoring } from './scoring.ts'
import { createSnapshots, SNAPSHOTS } from './srns/snapshots.ts'

/**
 * Gain-tuning dynamic sampling: picked is the candidate with the largest score + γ · gain, the gain being by how much the gap s(u, p) − s(u, n) grew
 * per epoch over the last five. Training widens the gap to a true negative; that to a false one stays. Without an earlier epoch it is dns.
 * Cost O(N (log degree + 3 D)) a negative; keeps five copies of all vectors.
 */
export const gdns = defineScoringSampler({
  name: 'gdns',
  summary: 'One of N uniform draws with a high score and a growing gap to the positive.',
  source:
    'Zhu et al., "A gain-tuning dynamic negative sampler for recommendation", WWW 2022; ' +
    'differs: the expected gain is a mean over epochs and is added to the score; the loss is that of the objective, not of groups',
  options: z.object({
    candidateNegatives: candidateNegativesOption,
    gapWeight: number(0, 1000).default(1).describe("γ, weight of the gap's growth beside the score"),
  }),
  footprint: ({ users, items, dimensions }) => 4 * (SNAPSHOTS * (users + items) * dimensions + users),
  create(context, { candidateNegatives, gapWeight }) {
    const { kernels, tables, batchSize, perPositive } = context
    const { memory } = kernels
    const base = dns.create(context, { candidateNegatives })
    const { perSlot } = base
    const gapsBy = createGapScoring(context, perSlot)
    const snapshots = createSnapshots(context)
    const gaps = [0, 1].map(() => memory.floats(batchSize * perPositive * perSlot))
    let epoch = 0
    return {
      ...base,
      state: snapshots.state,
      draw(batch, at) {
        epoch = at.epoch
        snapshots.take(batch, epoch)
        return base.draw(batch, at)
      },
      score(batch, candidates) {
        const scores = base.score(batch, candidates)
        const { vectors: oldest, epochs } = snapshots.oldest(epoch)
        if (!oldest) return scores
        const [before, now] = [oldest, tables].map((vectors, at) => gapsBy(vectors, batch, candidates, gaps[at]))
        for (let place = 0; place < scores.length; place++)
          scores[place] += (gapWeight * (before[place] - now[place])) / epochs
        return scores
      },
    }
  },
})
