/** What every uniform sampler begins with: N items a slot, uniform over what the user may be shown. */
import type { Batch, BatchPosition } from '../kernels/interface/kernels.ts'
import { integer } from '../options.ts'
import { derive } from '../random.ts'
import type { SamplerContext } from './sampler.ts'

/** N */
export const candidateNegativesOption = integer(1, 1024, 'items')
  .default(10)
  .describe('N, items drawn per negative, of which one is picked; time grows with it')

/** @returns a function that overwrites and returns one array [S × perSlot] of items, −1 where a user has none left */
export function candidateDrawer(context: SamplerContext, perSlot: number) {
  const { kernels, tables, forbidden, batchSize, perPositive, seed } = context
  const key = derive(seed, 'negatives')
  const all = kernels.memory.ints(batchSize * perPositive * perSlot)
  return (batch: Batch, at: BatchPosition): Int32Array => {
    const out = all.subarray(0, batch.size * perPositive * perSlot)
    kernels.drawItems(
      { key, ...at },
      batch.users.subarray(0, batch.size),
      forbidden,
      tables.items,
      perPositive * perSlot,
      out,
    )
    return out
  }
}
