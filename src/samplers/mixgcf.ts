import { z } from 'zod'
import type { Batch, BatchPosition } from '../kernels/interface/kernels.ts'
import { derive } from '../random.ts'
import { candidateDrawer, candidateNegativesOption } from './draw.ts'
import { defineScoringSampler, largestPicker } from './sampler.ts'
import { candidateScoring } from './scoring.ts'

/**
 * Positive mixing and hop mixing: per hop h, ñ_h = β p_h + (1 − β) n_h with β ~ U(0, 1) a sample and hop; each hop
 * picks the candidate with the largest ū·ñ_h, and the negative is the mean of the hops' picks.
 * Cost O(H N (log degree + D)) a negative.
 */
export const mixgcf = defineScoringSampler({
  name: 'mixgcf',
  summary: 'Mixes the positive into N candidates and picks the hardest, hop by hop.',
  source: 'Huang et al., "MixGCF", KDD 2021, doi 10.1145/3447548.3467408',
  options: z.object({ candidateNegatives: candidateNegativesOption }),
  usersByBatch: true,
  create(context, { candidateNegatives: perSlot }) {
    const { kernels, tables, batchSize, perPositive, seed } = context
    const scoring = candidateScoring(context)
    const { hops } = tables
    const slots = batchSize * perPositive
    const key = derive(seed, 'mix')
    const betas = kernels.memory.floats(slots * hops)
    const scores = kernels.memory.floats(slots * hops * perSlot)
    const pick = largestPicker(context, perSlot, hops)
    const drawCandidates = candidateDrawer(context, perSlot)
    const mixOf = (batch: Batch) => betas.subarray(0, batch.size * perPositive * hops)
    return {
      perSlot,
      hops,
      draw(batch: Batch, at: BatchPosition) {
        kernels.drawUniforms({ key, ...at }, batch.size * perPositive, hops, betas)
        return drawCandidates(batch, at)
      },
      score(batch, candidates) {
        const out = scores.subarray(0, candidates.length * hops)
        scoring.scoreCandidates(tables, batch, candidates, perSlot, hops, out)
        scoring.mixScores(tables, batch, mixOf(batch), perSlot, out)
        return out
      },
      pick: (batch, candidates, given) => ({ ...pick(batch, candidates, given), mix: mixOf(batch) }),
    }
  },
})
