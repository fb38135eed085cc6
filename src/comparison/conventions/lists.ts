/** Lists of items, judged by what was held out. */

import { filledRows } from '../../dataset/patterns.ts'
import { openTruth, type Truth } from '../../dataset/truth.ts'
import type { ConventionList } from './convention.ts'

/** @param items [users × k] best first, −1 where too few were left; users are those with something held out, ascending */
export function judgeLists(items: Int32Array, k: number, truth: Truth): ConventionList[] {
  const { offsets, indices } = openTruth(truth)
  return Array.from(filledRows({ offsets, indices }), (user, row) => {
    const wanted = new Set(indices.subarray(offsets[user], offsets[user + 1]))
    const list = items.subarray(row * k, (row + 1) * k)
    const hits = Uint8Array.from(list, item => (wanted.has(item) ? 1 : 0))
    return { k, hits, truth: wanted.size, listed: list.filter(item => item >= 0).length }
  })
}
