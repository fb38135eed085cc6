import { z } from 'zod'
import { has } from '../dataset/patterns.ts'
import type { Batch, BatchPosition } from '../kernels/interface/kernels.ts'
import { number } from '../options.ts'
import { power } from '../powers.ts'
import { derive, philox } from '../random.ts'
import { createAliasTable } from './alias.ts'
import { defineSampler, type SamplerContext } from './sampler.ts'

/** Draws that may be refused for a slot before it falls back to a uniform one. */
const PATIENCE = 64

/**
 * Popular items are negatives more often: P(n) ∝ degree(n)^α over the items that the user may be shown. Cost O(log degree)
 * a negative, times 1 over the share of the mass of items that the user has not interacted with.
 */
export const popularity = defineSampler({
  name: 'popularity',
  summary: 'In proportion to a power of popularity.',
  source:
    'Mikolov et al., arXiv 1310.4546 (α = 0.75 over words); differs: what the user must not be shown is drawn again, ' +
    `after ${PATIENCE} refusals uniformly`,
  options: z.object({
    exponent: number(0, 4)
      .default(0.75)
      .describe('α, power of popularity: 0 is uniform, 1 is as often as the item occurs'),
  }),
  usersByBatch: true,
  create(context, { exponent }) {
    const { kernels, degrees, batchSize, perPositive, seed } = context
    const draw = createAliasTable(Float64Array.from(degrees, degree => power(degree, exponent)))
    const key = derive(seed, 'popularity')
    const picked = kernels.memory.ints(batchSize * perPositive)
    const fallback = kernels.memory.ints(batchSize)
    const words = new Uint32Array(4)
    const stats = { draws: 0, rejections: 0 }
    return {
      stats,
      sample(batch, at) {
        const items = picked.subarray(0, batch.size * perPositive)
        drawUniform(context, batch, at, fallback)
        for (let slot = 0; slot < items.length; slot++) {
          const b = Math.floor(slot / perPositive)
          items[slot] = fallback[b]
          if (fallback[b] < 0) continue
          for (let attempt = 0; attempt < PATIENCE; attempt++) {
            philox(key, attempt, slot, at.batch, at.epoch, words)
            stats.draws++
            const item = draw(words[0], words[1])
            if (!has(context.forbidden, batch.users[b], item)) {
              items[slot] = item
              break
            }
            stats.rejections++
          }
        }
        return { perPositive, pickedHops: 1, items }
      },
    }
  },
})

/** One allowed item for each positive, -1 where there is none. */
function drawUniform(context: SamplerContext, batch: Batch, at: BatchPosition, out: Int32Array): void {
  const { kernels, tables, forbidden, seed } = context
  const users = batch.users.subarray(0, batch.size)
  kernels.drawItems({ key: derive(seed, 'negatives'), ...at }, users, forbidden, tables.items, 1, out)
}
