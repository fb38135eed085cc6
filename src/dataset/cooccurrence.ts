/** Which items share users, and what they are to each other: what the structural tree and the neighbourhood models start from. */
import type { Affinity, CsrMatrix, CsrPattern, KernelMemory, Kernels } from '../kernels/interface/kernels.ts'
import type { DataSizes, Dataset } from './dataset.ts'

type Interactions = Pick<Dataset, 'items' | 'byUser' | 'byItem'>

/** The neighbours that are kept of each item: the `limit` largest, of equals those with the smaller rank. */
export interface Nearest {
  readonly limit: number
  /** [I] */
  readonly ranks: Int32Array
}

/**
 * An estimate in bytes: two numbers for every two items that share users, which are some 1.15 E² / U where they are few
 * among the I² pairs, and all of them in the end; skewed histories have up to twice as many.
 */
export function sharedBytes({ users, items, interactions }: DataSizes, perItem = items): number {
  if (users === 0 || items === 0) return 0
  const share = -Math.expm1((-1.15 * interactions ** 2) / users / items ** 2)
  return 8 * items * Math.min(items * share, perItem)
}

/** Entries of a block of rows: 32 MB. */
const BLOCK_ENTRIES = 2 ** 22

/** Bytes that filling takes beside what is kept: the graph, and room for the longest rows there may be where that is little. */
export function fillingBytes({ users, items, interactions }: DataSizes, perItem = items): number {
  const room = items * Math.min(items, perItem)
  return 8 * (users + items + 2 * interactions) + (room <= BLOCK_ENTRIES ? 8 * room : 0)
}

/**
 * |U_i ∩ U_j| for every two different items that share a user: sparse [I × I], symmetric, rows ascending, in kernel
 * memory. Weights of interactions do not enter. Time O(Σ_u |I_u|²), shared out by items. Counts are exact up to 2²⁴ users.
 */
export function cooccurrence(train: Interactions, kernels: Kernels): CsrMatrix {
  return affinities(train, kernels, { kind: 'shared' })
}

/**
 * What items that share users are to each other: sparse [I × I], rows ascending, in kernel memory. With `nearest` no more
 * than what is kept is ever held.
 * @throws RunError when the entries do not fit
 */
export function affinities(train: Interactions, kernels: Kernels, affinity: Affinity, nearest?: Nearest): CsrMatrix {
  const { memory } = kernels
  const limit = nearest?.limit ?? train.items
  // room for the most that a row may have is cheaper than to count first, where it is little
  const padded = limit * train.items <= BLOCK_ENTRIES
  const sizes = padded
    ? new Int32Array(train.items).fill(Math.min(limit, train.items))
    : neighborCounts(train, kernels).map(size => Math.min(size, limit))
  const matrix = matrixOf(memory, sizes)
  memory.scope(() => {
    const graph = copyGraph(memory, train)
    const filled = memory.ints(train.items)
    const ranks = nearest && memory.copy(nearest.ranks)
    kernels.fillNeighbors(graph, copyAffinity(memory, affinity), matrix, 0, ranks, filled)
    sizes.set(filled)
  })
  return padded ? closeUp(matrix, sizes) : matrix
}

/** Rows of these sizes, which begin where the offsets say, one behind the other. */
function closeUp({ offsets, indices, values }: CsrMatrix, sizes: Int32Array): CsrMatrix {
  let end = 0
  for (let row = 0; row < sizes.length; row++) {
    const from = offsets[row]
    offsets[row] = end
    indices.copyWithin(end, from, from + sizes[row])
    values.copyWithin(end, from, from + sizes[row])
    end += sizes[row]
  }
  offsets[sizes.length] = end
  return { offsets, indices: indices.subarray(0, end), values: values.subarray(0, end) }
}

/** Calls `visit` for every two different items that share users, in both orders, without holding them all. */
export function forEachCooccurrence(
  train: Interactions,
  kernels: Kernels,
  visit: (item: number, other: number, users: number) => void,
): void {
  const { memory } = kernels
  const sizes = neighborCounts(train, kernels)
  memory.scope(() => {
    const graph = copyGraph(memory, train)
    for (let first = 0, end = 0; first < train.items; first = end) {
      let entries = 0
      while (end < train.items && (end === first || entries + sizes[end] <= BLOCK_ENTRIES)) entries += sizes[end++]
      memory.scope(() => {
        const block = matrixOf(memory, sizes.subarray(first, end))
        const { offsets, indices, values } = block
        kernels.fillNeighbors(graph, { kind: 'shared' }, block, first)
        for (let item = first; item < end; item++)
          for (let e = offsets[item - first]; e < offsets[item - first + 1]; e++) visit(item, indices[e], values[e])
      })
    }
  })
}

/** The number of other items that each item shares users with, in ordinary memory. */
function neighborCounts(train: Interactions, kernels: Kernels): Int32Array {
  const { memory } = kernels
  return memory.scope(() => {
    const sizes = memory.ints(train.items)
    kernels.countNeighbors(copyGraph(memory, train), sizes)
    return Int32Array.from(sizes)
  })
}

/** Where rows of these sizes begin. */
function fillOffsets(offsets: Int32Array, sizes: Int32Array): void {
  for (let row = 0; row < sizes.length; row++) offsets[row + 1] = offsets[row] + sizes[row]
}

/** Room in kernel memory for a matrix whose rows have these sizes. */
export function matrixOf(memory: KernelMemory, sizes: Int32Array): CsrMatrix {
  const entries = sizes.reduce((sum, size) => sum + size, 0)
  const offsets = memory.ints(sizes.length + 1)
  fillOffsets(offsets, sizes)
  return { offsets, indices: memory.ints(entries), values: memory.floats(entries) }
}

function copyGraph(memory: KernelMemory, { byUser, byItem }: Interactions) {
  return { byUser: copyPattern(memory, byUser), byItem: copyPattern(memory, byItem) }
}

export function copyPattern(memory: KernelMemory, { offsets, indices }: CsrPattern): CsrPattern {
  return { offsets: memory.copy(offsets), indices: memory.copy(indices) }
}

function copyAffinity(memory: KernelMemory, affinity: Affinity): Affinity {
  if (affinity.kind !== 'walk') return affinity
  const [leave, step, hold] = [affinity.leave, affinity.step, affinity.hold].map(own => copyDoubles(memory, own))
  return { ...affinity, leave, step, hold }
}

/** `copy` would make f32 of them. */
export function copyDoubles(memory: KernelMemory, values: Float64Array): Float64Array {
  const copied = memory.doubles(values.length)
  copied.set(values)
  return copied
}
