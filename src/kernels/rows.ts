/** Sets of rows that are filled and emptied for every batch; in kernel memory. */
import type { BatchNodes, KernelMemory } from './interface/kernels.ts'

type Memory = Pick<KernelMemory, 'bytes' | 'ints' | 'floats'>

/** The nodes with a gradient: a byte for each of all, and which they are. */
export type TouchedNodes = Pick<BatchNodes, 'marks' | 'rows' | 'count'>

/**
 * Room for what batches touch, to be filled by `groupByNode`.
 * @param nodes U + I
 * @param entries the most that a batch has: B (2 + K · pickedHops)
 */
export function createBatchNodes(memory: Memory, nodes: number, entries: number): BatchNodes {
  const most = Math.min(nodes, entries)
  return {
    marks: memory.bytes(nodes),
    count: 0,
    rows: memory.ints(most),
    squares: memory.floats(most),
    offsets: memory.ints(most + 1),
    entries: memory.ints(entries),
    position: memory.ints(nodes),
  }
}
