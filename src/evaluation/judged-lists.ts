/** Ranked lists beside what was held out. */
import { filledRows } from '../dataset/patterns.ts'
import { openTruth, type Truth } from '../dataset/truth.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { JudgedList } from '../metrics/metric.ts'

/** One user's list; `hits` has 0 beyond its end. */
export interface ListWithLength extends JudgedList {
  /** items in the list, at most K: fewer where too few were left */
  readonly listed: number
}

/** @param items [users × k] best first, −1 where too few were left; users are those with something held out, ascending */
export function judgeLists(items: Int32Array, k: number, truth: Truth): ListWithLength[] {
  const pattern = openTruth(truth)
  return Array.from(filledRows(pattern), (user, row) => {
    const wanted = new Set(columnsOf(pattern, user))
    const list = items.subarray(row * k, (row + 1) * k)
    const hits = Uint8Array.from(list, item => (wanted.has(item) ? 1 : 0))
    return { k, hits, truth: wanted.size, listed: list.filter(item => item >= 0).length }
  })
}
