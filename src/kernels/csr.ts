import type { CsrPattern } from './interface/kernels.ts'

/** The columns of a row: a view, not a copy. */
export function columnsOf({ offsets, indices }: CsrPattern, row: number): Int32Array {
  return indices.subarray(offsets[row], offsets[row + 1])
}
