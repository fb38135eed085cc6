/** The positives of each epoch in an order of their own, batch by batch. */

import { rowOfEntry } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { filledRows } from '../dataset/patterns.ts'
import type { Batch, Kernels } from '../kernels/interface/kernels.ts'
import { derive, randomStream } from '../random.ts'
import type { TrainingOptions } from './options.ts'

export interface EpochSource {
  readonly kernels: Kernels
  readonly train: Dataset
  readonly seed: number
}

export interface Epochs {
  readonly batches: number
  /** Takes the order of one epoch, whatever the one before was. */
  shuffle(epoch: number): void
  /** Batch 0 … batches − 1, in arrays that the next call overwrites; the last may be smaller. */
  batch(index: number): Batch
}

export function createEpochs(
  { kernels, train: data, seed }: EpochSource,
  batchSize: number,
  positives: TrainingOptions['positives'] = 'each-once',
): Epochs {
  const { memory } = kernels
  const users = rowOfEntry(data.byUser)
  const items = data.byUser.indices
  const { weights } = data
  const order = memory.ints(items.length)
  const batchUsers = memory.ints(batchSize)
  const batchItems = memory.ints(batchSize)
  const batchWeights = weights && memory.floats(batchSize)
  const { offsets } = data.byUser
  const active = positives === 'by-user' ? filledRows(data.byUser) : []
  return {
    batches: Math.ceil(items.length / batchSize),
    shuffle(epoch: number) {
      const key = derive(seed, 'shuffle', epoch)
      if (positives === 'by-user') {
        const random = randomStream(key)
        for (let e = 0; e < order.length; e++) {
          const user = active[random.below(active.length)]
          order[e] = offsets[user] + random.below(offsets[user + 1] - offsets[user])
        }
        return
      }
      for (let e = 0; e < order.length; e++) order[e] = e
      kernels.shuffle(order, key)
    },
    batch(index: number) {
      const from = index * batchSize
      const size = Math.min(batchSize, items.length - from)
      for (let b = 0; b < size; b++) {
        const entry = order[from + b]
        batchUsers[b] = users[entry]
        batchItems[b] = items[entry]
        if (batchWeights) batchWeights[b] = weights[entry]
      }
      return { size, users: batchUsers, positives: batchItems, ...(batchWeights && { weights: batchWeights }) }
    },
  }
}
