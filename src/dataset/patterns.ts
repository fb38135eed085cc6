/** Small questions to the pattern of a sparse matrix. */
import { UsageError } from '../errors.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { placesWhere } from '../places.ts'
import { joined } from './csr.ts'

/** A pattern of rows as they are given. */
export function patternOfRows(rows: readonly (readonly number[])[]): CsrPattern {
  const offsets = new Int32Array(rows.length + 1)
  rows.forEach((row, at) => {
    offsets[at + 1] = offsets[at] + row.length
  })
  return { offsets, indices: joined(rows, Int32Array) }
}

/** @throws UsageError for a pattern of other rows, columns that there are not, or a row whose columns do not ascend */
export function checkPattern(place: string, { offsets, indices }: CsrPattern, rows: number, columns: number): void {
  const wrong = (expected: string) => new UsageError(`${place}: expected ${expected}`)
  if (offsets.length !== rows + 1 || rows < 0)
    throw wrong(`offsets of length ${Math.max(rows, 0) + 1}, one more than there are users, got ${offsets.length}`)
  if (offsets[0] !== 0 || offsets[rows] !== indices.length)
    throw wrong(`offsets from 0 to ${indices.length}, the length of indices, got ${offsets[0]} to ${offsets[rows]}`)
  for (let row = 0; row < rows; row++) {
    if (offsets[row] > offsets[row + 1])
      throw wrong(`offsets that never fall, got ${offsets[row]} before ${offsets[row + 1]}`)
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) {
      if (!(indices[entry] >= 0 && indices[entry] < columns))
        throw wrong(`items below ${columns}, got ${indices[entry]} for user ${row}`)
      if (entry > offsets[row] && indices[entry] < indices[entry - 1])
        throw wrong(`ascending items of each user, got ${indices[entry - 1]} before ${indices[entry]} for user ${row}`)
    }
  }
}

/** Rows with at least one entry, ascending. */
export function filledRows({ offsets }: CsrPattern): Int32Array {
  return placesWhere(offsets.length - 1, row => offsets[row + 1] > offsets[row])
}

/** Whether a row holds a column. */
export function has({ offsets, indices }: CsrPattern, row: number, column: number): boolean {
  const place = placeOf(indices, column, offsets[row], offsets[row + 1])
  return place < offsets[row + 1] && indices[place] === column
}

/** The first place from `low` on, below `high`, whose value is not below `least`; `high` if there is none. Values ascend. */
export function placeOf(values: Int32Array, least: number, low = 0, high = values.length): number {
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle] < least) low = middle + 1
    else high = middle
  }
  return low
}

/** The entries of any of the patterns, once each; all have the same rows. */
export function union(...patterns: readonly CsrPattern[]): CsrPattern {
  const rows = patterns[0].offsets.length - 1
  const offsets = new Int32Array(rows + 1)
  const indices = new Int32Array(patterns.reduce((sum, pattern) => sum + pattern.indices.length, 0))
  let filled = 0
  for (let row = 0; row < rows; row++) {
    const start = filled
    for (const pattern of patterns) {
      const own = columnsOf(pattern, row)
      indices.set(own, filled)
      filled += own.length
    }
    const merged = indices.subarray(start, filled).sort()
    filled = start
    for (const column of merged) if (filled === start || indices[filled - 1] !== column) indices[filled++] = column
    offsets[row + 1] = filled
  }
  return { offsets, indices: indices.slice(0, filled) }
}
