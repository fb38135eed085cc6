import { z } from 'zod'
import type { Batch } from '../kernels/interface/kernels.ts'
import { number } from '../options.ts'
import { baseOption, defineSamplerDecorator } from './sampler.ts'

/** Far below any score, and finite. */
const REFUSED = -1e30

/**
 * False hard negatives out: h_u is the mean of the unit vectors of what was observed of u; a candidate whose inner product with it exceeds the mean of
 * those of u's own items is taken for one that u would like, and is picked only when all are. Wraps any scoring sampler. Cost O(N D + |history| D) a
 * negative on top of the base.
 */
export const realhns = defineSamplerDecorator({
  name: 'realhns',
  summary: "Refuses another sampler's candidates that are nearer to the history than its own items.",
  source:
    'Ma et al., "Exploring false hard negative sample in cross-domain recommendation", RecSys 2023, the filter by items; ' +
    'differs: one domain, so that its parts across domains are left out',
  options: z.object({
    base: baseOption,
    falseFactor: number(0, 100)
      .default(1)
      .describe("largest cosine to the user's mean item; in units of the mean cosine of the user's own items"),
  }),
  usersByBatch: true,
  decorate(base, { tables, forbidden }, { falseFactor }) {
    const { users, dimensions, pooled } = tables
    const centre = new Float64Array(dimensions)
    const itemAt = (item: number) => (users + item) * dimensions
    const along = (at: number): number => {
      let [product, square] = [0, 0]
      for (let d = 0; d < dimensions; d++) {
        product += centre[d] * pooled[at + d]
        square += pooled[at + d] * pooled[at + d]
      }
      return square === 0 ? 0 : product / Math.sqrt(square)
    }
    /** Fills the centre of a user; the mean of |history| inner products with it is its squared length. */
    const meet = (user: number): number => {
      centre.fill(0)
      const [begin, end] = [forbidden.offsets[user], forbidden.offsets[user + 1]]
      for (let entry = begin; entry < end; entry++) {
        const at = itemAt(forbidden.indices[entry])
        let square = 0
        for (let d = 0; d < dimensions; d++) square += pooled[at + d] * pooled[at + d]
        if (square === 0) continue
        for (let d = 0; d < dimensions; d++) centre[d] += pooled[at + d] / (Math.sqrt(square) * (end - begin))
      }
      let length = 0
      for (let d = 0; d < dimensions; d++) length += centre[d] * centre[d]
      return length
    }
    const refuse = (batch: Batch, candidates: Int32Array, scores: { [at: number]: number }) => {
      const { perSlot, hops } = base
      const slots = candidates.length / perSlot
      for (let slot = 0; slot < slots; slot++) {
        const user = batch.users[Math.floor((slot * batch.size) / slots)]
        const length = meet(user)
        if (length === 0) continue
        const limit = falseFactor * length
        for (let n = 0; n < perSlot; n++) {
          const item = candidates[slot * perSlot + n]
          if (item < 0 || along(itemAt(item)) <= limit) continue
          for (let h = 0; h < hops; h++) {
            const at = (slot * hops + h) * perSlot + n
            scores[at] = REFUSED + scores[at] * 1e20
          }
        }
      }
    }
    return {
      ...base,
      score(batch, candidates) {
        const scores = base.score(batch, candidates)
        refuse(batch, candidates, scores)
        return scores
      },
    }
  },
})
