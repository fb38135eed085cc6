/** Candidates that are kept from batch to batch, for each user. */
import type { Batch, BatchPosition } from '../../kernels/interface/kernels.ts'
import { createDistinct } from '../../models/contrast.ts'
import { derive } from '../../random.ts'
import type { SamplerContext, SamplerState } from '../sampler.ts'
import { candidateScoring } from '../scoring.ts'

export interface NegativeMemoryOptions {
  /** N, items remembered for each of a user's K slots */
  readonly perSlot: number
  /** M, items that a renewal draws for each slot */
  readonly fresh: number
  /** τ */
  readonly temperature: number
}

/**
 * N of N + M without replacement in proportion to exp(score / τ): the largest of score / τ + Gumbel noise.
 * @source Ding et al., arXiv 2009.03376, algorithm 1
 */
export function createNegativeMemory(context: SamplerContext, { perSlot, fresh, temperature }: NegativeMemoryOptions) {
  const { kernels, tables, forbidden, batchSize, perPositive, seed } = context
  const scoring = candidateScoring(context)
  const { memory } = kernels
  const { users, items } = tables
  const perUser = perPositive * perSlot
  const remembered = memory.ints(users * perUser)
  const everyone = memory.ints(users)
  for (let user = 0; user < users; user++) everyone[user] = user
  const start = { key: derive(seed, 'memory'), epoch: 0, batch: 0 }
  kernels.drawItems(start, everyone, forbidden, items, perUser, remembered)

  const most = Math.min(batchSize, users)
  const width = perSlot + fresh
  const distinct = createDistinct(memory, users, most)
  const drawn = memory.ints(most * perPositive * fresh)
  const pool = memory.ints(most * perPositive * width)
  const keys = memory.floats(pool.length)
  const chances = memory.floats(pool.length)
  const candidates = memory.ints(batchSize * perUser)
  const [freshKey, chanceKey] = [derive(seed, 'negatives'), derive(seed, 'renewal')]
  const seenAt = new Int32Array(items)
  let stamp = 0
  const stats = { draws: 0, rejections: 0 }

  /** What each slot of each user is renewed from: what is remembered, then what is fresh. */
  const fillPool = (own: Int32Array): Int32Array => {
    const rows = own.length * perPositive
    for (let row = 0; row < rows; row++) {
      const from = (own[Math.floor(row / perPositive)] * perPositive + (row % perPositive)) * perSlot
      pool.set(remembered.subarray(from, from + perSlot), row * width)
      pool.set(drawn.subarray(row * fresh, (row + 1) * fresh), row * width + perSlot)
    }
    return pool.subarray(0, rows * width)
  }

  /** Scores / τ + Gumbel noise; less than any for an item that the row had before, so that it is a last resort. */
  const toKeys = (rows: number): void => {
    for (let row = 0; row < rows; row++) {
      stamp++
      for (let at = row * width; at < (row + 1) * width; at++) {
        const item = pool[at]
        if (item < 0) continue
        if (seenAt[item] === stamp) keys[at] = -3e38
        else keys[at] = keys[at] / temperature - kernels.log(1e-20 - kernels.log(Math.max(chances[at], 2 ** -33)))
        seenAt[item] = stamp
      }
    }
  }

  /** The N places with the largest keys of a row go to `remembered` at `to`, in the order of their keys. */
  const keepLargest = (row: number, to: number): void => {
    const first = row * width
    for (let n = 0; n < perSlot; n++) {
      let best = first
      for (let at = first + 1; at < first + width; at++) if (keys[at] > keys[best]) best = at
      remembered[to + n] = pool[best]
      keys[best] = Number.NEGATIVE_INFINITY
    }
  }

  return {
    stats,
    state: { remembered } as SamplerState,
    /** Renews the memories of the batch's users, then gives every slot's candidates [S × N]. */
    renew(batch: Batch, at: BatchPosition): Int32Array {
      const own = distinct(batch.users, batch.size, 0)
      const rows = own.length * perPositive
      const out = drawn.subarray(0, rows * fresh)
      kernels.drawItems({ key: freshKey, ...at }, own, forbidden, items, perPositive * fresh, out)
      stats.draws += out.length
      const all = fillPool(own)
      const distinctUsers = { size: own.length, users: own, positives: own }
      scoring.scoreCandidates(tables, distinctUsers, all, width, 1, keys.subarray(0, all.length))
      kernels.drawUniforms({ key: chanceKey, ...at }, rows, width, chances.subarray(0, all.length))
      toKeys(rows)
      for (let row = 0; row < rows; row++)
        keepLargest(row, (own[Math.floor(row / perPositive)] * perPositive + (row % perPositive)) * perSlot)
      for (let b = 0; b < batch.size; b++)
        candidates.set(remembered.subarray(batch.users[b] * perUser, (batch.users[b] + 1) * perUser), b * perUser)
      return candidates.subarray(0, batch.size * perUser)
    },
  }
}
