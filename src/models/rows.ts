/** Rows of a data set by themselves, in kernel memory. */
import type { CsrPattern, Kernels } from '../kernels/interface/kernels.ts'

/** Some rows of a pattern, in kernel memory: row n is that of rows[n]. */
export function copyRowsOf(memory: Kernels['memory'], { offsets, indices }: CsrPattern, rows: Int32Array): CsrPattern {
  const ownOffsets = memory.ints(rows.length + 1)
  rows.forEach((row, at) => {
    ownOffsets[at + 1] = ownOffsets[at] + offsets[row + 1] - offsets[row]
  })
  const ownIndices = memory.ints(ownOffsets[rows.length])
  rows.forEach((row, at) => {
    ownIndices.set(indices.subarray(offsets[row], offsets[row + 1]), ownOffsets[at])
  })
  return { offsets: ownOffsets, indices: ownIndices }
}

/** 0 … length − 1, in kernel memory: the rows of arrays that hold these alone. */
export function positionsOf(memory: Kernels['memory'], { length }: Int32Array): Int32Array {
  const positions = memory.ints(length)
  for (let at = 0; at < length; at++) positions[at] = at
  return positions
}
