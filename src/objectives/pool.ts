/** The negatives that all positives of a batch share. */
import type { Batch, BatchPosition, SharedPool } from '../kernels/interface/kernels.ts'
import { derive, randomStream } from '../random.ts'
import type { VectorContext } from './objective.ts'

export interface PoolChoice {
  /** uniform draws, M_u */
  readonly sharedNegatives: number
  /** the batch's positives too */
  readonly inBatch: boolean
  /** count 1 over the expected number, instead of 1 */
  readonly logQ: boolean
}

export function createPool({ kernels, train, forbidden, batchSize, seed }: VectorContext, choice: PoolChoice) {
  const { sharedNegatives, inBatch, logQ } = choice
  const { items, byItem, interactions } = train
  const { memory } = kernels
  /** Rows of the block of scores are whole vectors of four. */
  const sharedCount = (size: number) => Math.ceil((sharedNegatives + (inBatch ? size : 0)) / 4) * 4
  const most = sharedCount(batchSize)
  const heads = memory.ints(items).fill(-1)
  const next = memory.ints(most)
  const counts = memory.floats(most).fill(1)
  /** The places of the last batch's items. */
  let filled: Int32Array = new Int32Array(0)

  /** How often an item is to be expected among what a batch of `size` shares. */
  const expected = (item: number, size: number) =>
    sharedNegatives / items + (inBatch ? (size * (byItem.offsets[item + 1] - byItem.offsets[item])) / interactions : 0)

  return {
    sharedCount,

    share({ size, positives }: Batch, { epoch, batch }: BatchPosition, out: Int32Array): void {
      const random = randomStream(derive(seed, 'shared negatives', epoch, batch))
      out.fill(-1)
      for (let m = 0; m < sharedNegatives; m++) out[m] = random.below(items)
      if (inBatch) out.set(positives.subarray(0, size), sharedNegatives)
    },

    /** Where each item is in the pool, and how often it counts; good until the next call. */
    index({ size }: Batch, shared: Int32Array): Omit<SharedPool, 'scores'> {
      for (const item of filled) if (item >= 0) heads[item] = -1
      filled = shared.slice()
      for (let m = 0; m < shared.length; m++) {
        const item = shared[m]
        if (item < 0) continue
        next[m] = heads[item]
        heads[item] = m
        if (logQ) counts[m] = 1 / expected(item, size)
      }
      return { items: shared, counts: counts.subarray(0, shared.length), heads, next, forbidden }
    },
  }
}
