/** Rows that are copied between a table in ordinary memory and the first rows of one in kernel memory. */
import type { Floats } from '../kernels/interface/kernels.ts'

/**
 * Rows whose first words are read before they are copied: random rows then wait for memory together. 64 numbers, a million rows: 160 ns per row,
 * 390 one by one.
 */
const AHEAD = 8
/** Elements of 8 bytes in a cache line. */
const LINE = 8

export interface RowCopies {
  /** Table row rows[k] to row k, k < count. */
  gather(rows: Int32Array, count: number): void
  /** Row k to table row rows[k]; no row twice. */
  scatter(rows: Int32Array, count: number): void
}

/** @param width elements of a row of both, an even number or 1 */
export function createRowCopies(table: Float32Array, inside: Floats, width: number): RowCopies {
  if (width === 1)
    return {
      gather(rows, count) {
        for (let k = 0; k < count; k++) inside[k] = table[rows[k]]
      },
      scatter(rows, count) {
        for (let k = 0; k < count; k++) table[rows[k]] = inside[k]
      },
    }
  // two numbers at a time
  const pairs = width / 2
  const [outer, inner] = [table, inside].map(
    ({ buffer, byteOffset, length }) => new Float64Array(buffer, byteOffset, length / 2),
  )
  return {
    gather(rows, count) {
      for (let first = 0, to = 0; first < count; first += AHEAD) {
        const end = Math.min(first + AHEAD, count)
        touch(outer, pairs, rows, first, end)
        for (let k = first; k < end; k++)
          for (let from = rows[k] * pairs, stop = from + pairs; from < stop; ) inner[to++] = outer[from++]
      }
    },
    scatter(rows, count) {
      for (let first = 0, from = 0; first < count; first += AHEAD) {
        const end = Math.min(first + AHEAD, count)
        touch(outer, pairs, rows, first, end)
        for (let k = first; k < end; k++)
          for (let to = rows[k] * pairs, stop = to + pairs; to < stop; ) outer[to++] = inner[from++]
      }
    },
  }
}

/** Written, so that no compiler leaves the reads out. */
const kept = new Float64Array(1)

function touch(table: Float64Array, pairs: number, rows: Int32Array, begin: number, end: number): void {
  let sum = 0
  for (let k = begin; k < end; k++)
    for (let at = rows[k] * pairs, stop = at + pairs; at < stop; at += LINE) sum += table[at]
  kept[0] = sum
}
