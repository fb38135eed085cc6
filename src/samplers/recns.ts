import { z } from 'zod'
import { transpose } from '../dataset/csr.ts'
import { has } from '../dataset/patterns.ts'
import { number } from '../options.ts'
import { derive } from '../random.ts'
import { dns } from './dns.ts'
import { candidateDrawer, candidateNegativesOption } from './draw.ts'
import { defineScoringSampler } from './sampler.ts'

/**
 * Three regions around a user: what was observed, what others met who met the positive (three steps away), and the rest. A share of the N candidates
 * comes from the middle region, by a random walk positive → another user → item, the others are uniform; picked is the highest-scored. A walk that
 * ends at what the user may not be shown stays uniform. Cost as dns.
 */
export const recns = defineScoringSampler({
  name: 'recns',
  summary: "The hardest of N candidates, a share of them from the positive's neighbourhood.",
  source:
    'Yang et al., "Region or global? A principle for negative sampling in graph-based recommendation", IEEE TKDE 35 (2022); ' +
    'differs: no mixing of vectors; data without exposures has uniform draws in place of exposed items',
  options: z.object({
    candidateNegatives: candidateNegativesOption,
    middleShare: number(0, 1).default(0.5).describe('share of the N from the middle region; rounded; 0 is dns'),
  }),
  footprint: ({ items }) => 4 * items,
  create(context, { candidateNegatives, middleShare }) {
    const { kernels, tables, forbidden, batchSize, perPositive, seed } = context
    const base = dns.create(context, { candidateNegatives })
    const { perSlot } = base
    const uniform = candidateDrawer(context, perSlot)
    const middle = Math.round(middleShare * perSlot)
    const usersOf = transpose(forbidden, tables.items)
    const key = derive(seed, 'walks')
    const walks = kernels.memory.floats(batchSize * perPositive * perSlot * 2)
    return {
      ...base,
      draw(batch, at) {
        const out = uniform(batch, at)
        kernels.drawUniforms({ key, ...at }, out.length, 2, walks)
        for (let place = 0; place < out.length; place++) {
          if (place % perSlot >= middle || out[place] < 0) continue
          const b = Math.floor(place / (perPositive * perSlot))
          const user = pick(usersOf, batch.positives[b], walks[2 * place])
          const item = user < 0 ? -1 : pick(forbidden, user, walks[2 * place + 1])
          if (item >= 0 && !has(forbidden, batch.users[b], item)) out[place] = item
        }
        return out
      },
    }
  },
})

/** The entry of a row at a share of its length; −1 for an empty one. */
function pick({ offsets, indices }: { offsets: Int32Array; indices: Int32Array }, row: number, share: number): number {
  const [begin, end] = [offsets[row], offsets[row + 1]]
  return begin === end ? -1 : indices[begin + Math.min(end - begin - 1, Math.floor(share * (end - begin)))]
}
