import { z } from 'zod'
import { integer, number } from '../options.ts'
import { derive } from '../random.ts'
import { defineSampler } from './sampler.ts'
import { candidateScoring } from './scoring.ts'

/**
 * Markov-chain negative sampling: each user has K chains over items, whose stationary distribution is in proportion to σ(s(u, n))^α. A positive of
 * the user moves them by some steps of Metropolis and Hastings with uniform proposals; where they end are its negatives.
 * Cost O(T (log degree + D)) a negative for T steps.
 */
export const mcns = defineSampler({
  name: 'mcns',
  summary: 'A Metropolis–Hastings walk per user that prefers high-scored items, sub-linearly.',
  source:
    'Yang et al., "Understanding negative sampling in graph representation learning", KDD 2020, arXiv 2005.09863; α as released; ' +
    'differs: a chain stays with its user instead of going from node to node, proposals are uniform, σ of the score stands for its share',
  options: z.object({
    chainSteps: integer(1, 256, 'items').default(5).describe('T, proposals for each negative; time grows with it'),
    chainPower: number(0, 4).default(0.75).describe('α, power of the likelihood: 0 is uniform, larger is harder'),
  }),
  create(context, { chainSteps, chainPower }) {
    const { kernels, tables, forbidden, batchSize, perPositive, seed } = context
    const { memory } = kernels
    const scoring = candidateScoring(context)
    const slots = batchSize * perPositive
    /** where each chain is, −1 before its first step */
    const chains = memory.ints(tables.users * perPositive).fill(-1)
    const [starts, picked] = [memory.ints(slots), memory.ints(slots)]
    const proposed = memory.ints(slots * chainSteps)
    const [chances, likelihoods] = [memory.floats(slots * chainSteps), memory.floats(slots * chainSteps)]
    const ofStarts = memory.floats(slots)
    const [proposals, acceptance] = [derive(seed, 'negatives'), derive(seed, 'acceptance')]
    /** log σ of where a chain is, when this batch has moved it */
    const moved = new Float64Array(chains.length)
    const movedIn = new Int32Array(chains.length)
    let stamp = 0
    const stats = { draws: 0, rejections: 0 }
    return {
      stats,
      state: { chains },
      sample(batch, at) {
        const users = batch.users.subarray(0, batch.size)
        const count = batch.size * perPositive
        const [all, own] = [proposed.subarray(0, count * chainSteps), starts.subarray(0, count)]
        kernels.drawItems({ key: proposals, ...at }, users, forbidden, tables.items, perPositive * chainSteps, all)
        kernels.drawUniforms({ key: acceptance, ...at }, count, chainSteps, chances)
        const chainOf = (slot: number) => users[Math.floor(slot / perPositive)] * perPositive + (slot % perPositive)
        for (let slot = 0; slot < count; slot++) own[slot] = chains[chainOf(slot)]
        const [ofAll, ofOwn] = [likelihoods.subarray(0, all.length), ofStarts.subarray(0, count)]
        scoring.scoreCandidates(tables, batch, all, chainSteps, 1, ofAll)
        scoring.scoreCandidates(tables, batch, own, 1, 1, ofOwn)
        for (const values of [ofAll, ofOwn]) kernels.sigmoid(values)
        stats.draws += all.length
        stamp++
        const least = 1e-30
        const logOf = (value: number) => kernels.log(Math.max(value, least))
        for (let slot = 0; slot < count; slot++) {
          const chain = chainOf(slot)
          let [item, level] = [chains[chain], movedIn[chain] === stamp ? moved[chain] : logOf(ofOwn[slot])]
          for (let step = slot * chainSteps; step < (slot + 1) * chainSteps; step++) {
            if (all[step] < 0) break
            const next = logOf(ofAll[step])
            const accepted = item < 0 || logOf(chances[step]) < chainPower * (next - level)
            if (accepted) [item, level] = [all[step], next]
            else stats.rejections++
          }
          picked[slot] = item
          chains[chain] = item
          moved[chain] = level
          movedIn[chain] = stamp
        }
        return { perPositive, pickedHops: 1, items: picked.subarray(0, count) }
      },
    }
  },
})
