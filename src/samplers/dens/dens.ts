import { z } from 'zod'
import type { Batch } from '../../kernels/interface/kernels.ts'
import { integer, number } from '../../options.ts'
import { candidateDrawer, candidateNegativesOption } from '../draw.ts'
import { createHopVectors } from '../hop-vectors.ts'
import { defineScoringSampler, largestPicker } from '../sampler.ts'
import { createFactorGates } from './gates.ts'
import { createDensLoss } from './loss.ts'

/**
 * Disentangled negatives. Gates split an item's vector in each hop into a part that is relevant for the user and one that
 * is not: p^r = p ⊙ σ(W_i p + W_u u + b_p), n^r = n ⊙ σ(W_n n + W_p p^r + b_n). The pick of a hop has the largest
 * u·((1 − min(1, t/T)) n − n^r), t being the epochs done: hard negatives first, later those that lack what is relevant in
 * the positive. Cost O(H N D²) a negative.
 */
export const dens = defineScoringSampler({
  name: 'dens',
  summary: 'Picks by irrelevant factors, which learnt gates separate from relevant ones.',
  source:
    'Lai et al., "Disentangled negative sampling for collaborative filtering", WSDM 2023, doi 10.1145/3539597.3570419; ' +
    'hop by hop, γ and T as released',
  options: z.object({
    candidateNegatives: candidateNegativesOption,
    gateWeight: number(0, 100).default(0.3).describe("γ, weight of the gates' loss"),
    gateWarmup: integer(1, 100_000, 'epochs')
      .default(100)
      .describe('T, epochs until the choice goes by irrelevant factors; it begins with hard vectors'),
  }),
  // the gradients of all hops; candidates twice; what the loss keeps of each positive and each pick
  footprint: ({ users, items, batchSize, perPositive, dimensions, hops }, { candidateNegatives }) =>
    4 * (items + hops * (users + items)) * dimensions +
    4 * batchSize * dimensions * (2 * hops + 15 + perPositive * (hops + 8 + 2 * candidateNegatives)),
  usersByBatch: true,
  create(context, { candidateNegatives: perSlot, gateWeight, gateWarmup }) {
    const { kernels, tables, batchSize, perPositive } = context
    const { hops, dimensions } = tables
    const { memory } = kernels
    const slots = batchSize * perPositive
    const gates = createFactorGates(context)
    const vectors = createHopVectors(context)
    const drawCandidates = candidateDrawer(context, perSlot)
    const relevant = memory.floats(batchSize * dimensions)
    const rows = memory.floats(slots * perSlot * dimensions)
    const opened = memory.floats(slots * perSlot * dimensions)
    const hopScores = memory.floats(slots * perSlot)
    const scores = memory.floats(slots * hops * perSlot)
    let kept = 1
    return {
      perSlot,
      hops,
      learning: { parameters: gates.parameters, differentiate: createDensLoss(context, gates, vectors, gateWeight) },
      draw(batch, at) {
        kept = 1 - Math.min(1, (at.epoch - 1) / gateWarmup)
        return drawCandidates(batch, at)
      },
      score(batch: Batch, candidates) {
        const out = scores.subarray(0, candidates.length * hops)
        for (let h = 0; h < hops; h++) {
          const { users, positives } = vectors.rows(batch, h)
          const own = vectors.items(candidates, h, rows)
          const open = opened.subarray(0, own.length)
          const relevantRows = relevant.subarray(0, positives.length)
          gates.ofPositives(users, positives, relevantRows)
          for (let at = 0; at < relevantRows.length; at++) relevantRows[at] *= positives[at]
          vectors.through(gates.negativeLayer, candidates, own, h, open)
          gates.ofNegatives(relevantRows, open)
          for (let at = 0; at < open.length; at++) open[at] = (kept - open[at]) * own[at]
          const hopOut = hopScores.subarray(0, candidates.length)
          kernels.dotRows(users, open, perPositive * perSlot, dimensions, hopOut)
          vectors.place(hopOut, perSlot, h, out)
        }
        return out
      },
      pick: largestPicker(context, perSlot, hops),
    }
  },
})
