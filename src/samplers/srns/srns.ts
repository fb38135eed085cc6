import { z } from 'zod'
import { integer, number } from '../../options.ts'
import { candidateNegativesOption } from '../draw.ts'
import { defineScoringSampler, largestPicker } from '../sampler.ts'
import { createGapScoring } from '../scoring.ts'
import { createNegativeMemory } from './negative-memory.ts'
import { createSnapshots, SNAPSHOTS } from './snapshots.ts'

/**
 * Each user has a memory of N candidates (for each of K negatives). A visit renews it from M fresh ones by chance, in
 * proportion to exp(score / τ); picked is the one with the largest P + α min(1, t/T) std(P), P = σ(s(u, n) − s(u, p)), with
 * the deviation over the vectors after the last five epochs and t epochs done. False negatives are thought to keep a high
 * score, true ones to vary. Cost O((5 N + M) (log degree + D)) a negative; keeps five copies of all vectors.
 */
export const srns = defineScoringSampler({
  name: 'srns',
  summary: 'From a memory of hard candidates: high scores that vary over the epochs.',
  source:
    'Ding et al., "Simplify and robustify negative sampling", NeurIPS 2020, arXiv 2009.03376; T, τ, α and 8 fresh items for ' +
    'each remembered one as released; differs: the memory is renewed before it is picked from, and has no item twice',
  options: z.object({
    candidateNegatives: candidateNegativesOption,
    freshCandidates: integer(1, 8192, 'items')
      .default(64)
      .describe('M, items drawn to renew a memory of N; time grows with it'),
    memoryTemperature: number(0.001, 1000)
      .default(10)
      .describe('τ, divisor of scores at renewal: smaller keeps the hardest'),
    deviationWeight: number(0, 1000).default(5).describe("α, weight of a score's deviation over epochs"),
    deviationWarmup: integer(1, 100_000, 'epochs').default(50).describe('T, epochs until the deviation counts in full'),
  }),
  footprint: ({ users, items, dimensions, perPositive }, { candidateNegatives }) =>
    4 * (SNAPSHOTS * (users + items) * dimensions + users * (1 + perPositive * candidateNegatives)),
  create(context, options) {
    const { candidateNegatives: perSlot, freshCandidates: fresh, memoryTemperature: temperature } = options
    const { deviationWeight, deviationWarmup } = options
    const { kernels, tables, batchSize, perPositive } = context
    const gapsBy = createGapScoring(context, perSlot)
    const { memory } = kernels
    const slots = batchSize * perPositive
    const remembered = createNegativeMemory(context, { perSlot, fresh, temperature })
    const snapshots = createSnapshots(context)
    const likelihoods = memory.floats(slots * perSlot)
    const past = Array.from({ length: SNAPSHOTS }, () => memory.floats(slots * perSlot))
    let [weight, epoch] = [0, 0]

    return {
      perSlot,
      hops: 1,
      stats: remembered.stats,
      state: { ...remembered.state, ...snapshots.state },
      draw(batch, at) {
        epoch = at.epoch
        weight = deviationWeight * Math.min(1, (epoch - 1) / deviationWarmup)
        snapshots.take(batch, epoch)
        return remembered.renew(batch, at)
      },
      score(batch, candidates) {
        /** P of each candidate by the vectors of some time. */
        const likelihood = (vectors: typeof tables, all: typeof likelihoods) => {
          const out = gapsBy(vectors, batch, candidates, all)
          kernels.sigmoid(out)
          return out
        }
        const known = snapshots.tables(epoch).map((vectors, at) => likelihood(vectors, past[at]))
        const scores = likelihood(tables, likelihoods)
        for (let at = 0; at < scores.length; at++) scores[at] += weight * deviation(known, at)
        return scores
      },
      pick: largestPicker(context, perSlot, 1),
    }
  },
})

/** The standard deviation of what the arrays hold at a place. */
function deviation(values: readonly ArrayLike<number>[], at: number): number {
  if (values.length < 2) return 0
  let mean = 0
  for (const own of values) mean += own[at] / values.length
  let squares = 0
  for (const own of values) squares += (own[at] - mean) * (own[at] - mean)
  return Math.sqrt(squares / values.length)
}
