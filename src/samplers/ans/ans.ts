import { z } from 'zod'
import type { Batch, Floats } from '../../kernels/interface/kernels.ts'
import { number } from '../../options.ts'
import { candidateDrawer, candidateNegativesOption } from '../draw.ts'
import { createHopVectors } from '../hop-vectors.ts'
import { defineScoringSampler, largestPicker } from '../sampler.ts'
import { createAugmentation } from './augmentation.ts'
import { createAnsLearning } from './learning.ts'

/**
 * Augmented negatives, which need not exist in the catalogue. A gate splits a negative in each hop into hard factors and easy
 * ones; only the easy ones are moved, towards the positive: ñ = n + Δ. The pick of a hop has the largest
 * u·ñ + ε (u·ñ − u·n). See `augmentation.ts` for Δ, `ans-learning.ts` for what is learnt. Cost O(H N D²) a negative.
 */
export const ans = defineScoringSampler({
  name: 'ans',
  summary: 'Moves easy factors of N candidates towards the positive and picks the hardest.',
  source:
    'Zhao et al., "Augmented negative sampling for collaborative filtering", RecSys 2023, arXiv 2308.05972; hop by hop as ' +
    'released; differs: the candidates of a negative share their noise, and the factors are learnt from what is picked; ' +
    'γ and ε are tuned there, their defaults are ours',
  options: z.object({
    candidateNegatives: candidateNegativesOption,
    factorWeight: number(0, 100).default(0.03).describe('γ, weight of the loss for hard and easy factors'),
    gainWeight: number(0, 100).default(1).describe('ε, weight of the score gained by augmentation'),
    augmentation: number(0, 100).default(0.1).describe('largest shift of easy factors'),
  }),
  // the gradients of all hops; candidates four times; what the loss keeps of each positive and each pick
  footprint: ({ users, items, batchSize, perPositive, dimensions, hops }, { candidateNegatives }) =>
    4 * (items + hops * (users + items)) * dimensions +
    4 * batchSize * dimensions * (8 + perPositive * (hops + 6 + 4 * candidateNegatives)),
  usersByBatch: true,
  create(context, { candidateNegatives: perSlot, factorWeight, gainWeight, augmentation }) {
    const { kernels, tables, batchSize, perPositive } = context
    const { hops, dimensions } = tables
    const { memory } = kernels
    const slots = batchSize * perPositive
    const vectors = createHopVectors(context)
    const augment = createAugmentation(context, perSlot, augmentation)
    const drawCandidates = candidateDrawer(context, perSlot)
    const rows = memory.floats(slots * perSlot * dimensions)
    const [plain, gained] = [memory.floats(slots * perSlot), memory.floats(slots * perSlot)]
    const scores = memory.floats(slots * hops * perSlot)
    return {
      perSlot,
      hops,
      learning: createAnsLearning(context, augment, vectors, factorWeight),
      draw(batch, at) {
        augment.drawNoise(batch, at)
        return drawCandidates(batch, at)
      },
      score(batch: Batch, candidates) {
        const out = scores.subarray(0, candidates.length * hops)
        const used = (all: Floats) => all.subarray(0, candidates.length)
        for (let h = 0; h < hops; h++) {
          const { users, positives } = vectors.rows(batch, h)
          const own = vectors.items(candidates, h, rows)
          kernels.dotRows(users, own, perPositive * perSlot, dimensions, used(plain))
          vectors.through(augment.itemLayer, candidates, own, h, augment.itemRows(candidates.length))
          const { moved } = augment.move(users, positives, own, h)
          kernels.dotRows(users, moved, perPositive * perSlot, dimensions, used(gained))
          for (let at = 0; at < candidates.length; at++) plain[at] += (1 + gainWeight) * gained[at]
          vectors.place(used(plain), perSlot, h, out)
        }
        return out
      },
      pick: largestPicker(context, perSlot, hops),
    }
  },
})
