/** Scores of candidates, by inner products or by the scorer of a model that has one. */
import type { Batch, Floats, SamplingKernels, Tables } from '../kernels/interface/kernels.ts'
import type { Scorer } from '../models/model.ts'
import type { SamplerContext } from './sampler.ts'

export type CandidateScoring = Pick<SamplingKernels, 'scoreCandidates' | 'mixScores'>

/** The kernels' own, or the same by a scorer, whose model has one hop: it then is the scores that are mixed, not the vectors. */
export function candidateScoring(context: SamplerContext): CandidateScoring {
  const { scorer } = context.tables
  return scorer ? byScorer(context, scorer) : context.kernels
}

/** By how much candidates score above the positive, by the vectors of some epoch; overwrites `out`. */
export function createGapScoring(context: SamplerContext, perSlot: number) {
  const scoring = candidateScoring(context)
  const positives = context.kernels.memory.floats(context.batchSize)
  const perUser = context.perPositive * perSlot
  return (vectors: Tables, batch: Batch, candidates: Int32Array, all: Floats): Floats => {
    const out = all.subarray(0, candidates.length)
    scoring.scoreCandidates(vectors, batch, candidates, perSlot, 1, out)
    scoring.scoreCandidates(vectors, batch, batch.positives.subarray(0, batch.size), 1, 1, positives)
    for (let at = 0; at < out.length; at++) out[at] -= positives[Math.floor(at / perUser)]
    return out
  }
}

function byScorer({ kernels, batchSize }: SamplerContext, scorer: Scorer): CandidateScoring {
  const { memory } = kernels
  const ofPositives = memory.floats(batchSize)

  const scoreCandidates: CandidateScoring['scoreCandidates'] = (tables, batch, candidates, _perSlot, _hops, out) =>
    memory.scope(() => {
      const { users, dimensions, pooled } = tables
      const perUser = candidates.length / batch.size
      const ofUsers = memory.floats(batch.size * dimensions)
      const ofItems = memory.floats(candidates.length * dimensions)
      kernels.gatherRows(pooled, dimensions, batch.users.subarray(0, batch.size), ofUsers)
      kernels.gatherRows(pooled.subarray(users * dimensions), dimensions, candidates, ofItems)
      scorer.score(ofUsers, ofItems, perUser, out)
      for (let at = 0; at < candidates.length; at++) if (candidates[at] < 0) out[at] = 0
    })

  return {
    scoreCandidates,
    mixScores(tables, batch: Batch, mix: Floats, perSlot, scores) {
      scoreCandidates(tables, batch, batch.positives.subarray(0, batch.size), 1, 1, ofPositives)
      const slots = mix.length / batch.size
      for (let at = 0; at < mix.length * perSlot; at++) {
        const slot = Math.floor(at / perSlot)
        scores[at] = mix[slot] * ofPositives[Math.floor(slot / slots)] + (1 - mix[slot]) * scores[at]
      }
    },
  }
}
