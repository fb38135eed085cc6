/** Histories in the order of time, and which items stand near each other in them. */
import type { CsrMatrix, KernelMemory, Kernels, OrderedWalk, Sequences } from '../kernels/interface/kernels.ts'
import { ascending } from '../places.ts'
import { copyDoubles, copyPattern, matrixOf, type Nearest } from './cooccurrence.ts'
import { buildCsr, gather, rowOfEntry } from './csr.ts'
import type { Dataset } from './dataset.ts'

type Timed = Pick<Dataset, 'items' | 'byUser'> & { readonly timestamps: Float64Array }

/** A sequence for each user, items of equal times in ascending order; in ordinary memory. */
export function sequencesOf({ items, byUser, timestamps }: Timed): Sequences {
  const { offsets } = byUser
  const owners = rowOfEntry(byUser)
  const order = ascending(owners.length)
  const times = new Int32Array(order.length)
  for (let user = 0; user + 1 < offsets.length; user++) {
    const own = order.subarray(offsets[user], offsets[user + 1]).sort((a, b) => timestamps[a] - timestamps[b] || a - b)
    for (let place = 1; place < own.length; place++) {
      const later = timestamps[own[place]] > timestamps[own[place - 1]]
      times[offsets[user] + place] = times[offsets[user] + place - 1] + Number(later)
    }
  }
  const indices = gather(byUser.indices, order, Int32Array)
  const byItem = buildCsr(indices, ascending(owners.length), items, owners.length).pattern
  return { bySequence: { offsets, indices }, owners, times, byItem }
}

/**
 * o_ij of items that stand near each other in the order of time: sparse [I × I], rows ascending, in kernel memory. Time
 * O(Σ_u |I_u| · min(|I_u|, 2 window)), shared out by items.
 * @param walk in ordinary memory
 * @throws RunError when the entries do not fit
 */
export function orderedAffinities(train: Timed, kernels: Kernels, walk: OrderedWalk, nearest?: Nearest): CsrMatrix {
  const { memory } = kernels
  const sequences = sequencesOf(train)
  const sizes = memory.scope(() => {
    const counts = memory.ints(train.items)
    kernels.countOrdered(copySequences(memory, sequences), walk.window, counts)
    return counts.slice().map(size => Math.min(size, nearest?.limit ?? size))
  })
  const out = matrixOf(memory, sizes)
  memory.scope(() => {
    const [nearness, leave, hold] = [walk.nearness, walk.leave, walk.hold].map(own => copyDoubles(memory, own))
    const inMemory = { ...walk, nearness, leave, hold }
    kernels.fillOrdered(copySequences(memory, sequences), inMemory, out, nearest && memory.copy(nearest.ranks))
  })
  return out
}

function copySequences(memory: KernelMemory, { bySequence, owners, times, byItem }: Sequences): Sequences {
  const [own, ofItems] = [bySequence, byItem].map(pattern => copyPattern(memory, pattern))
  return { bySequence: own, owners: memory.copy(owners), times: memory.copy(times), byItem: ofItems }
}
