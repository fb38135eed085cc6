/** Which items share users, and how many: what the structural tree and the neighbourhood models start from. */
import type { CsrMatrix } from '../kernels/kernels.ts'
import type { Dataset } from './dataset.ts'

/**
 * |U_i ∩ U_j| for every two different items that share a user: sparse [I × I], symmetric, rows ascending. Weights of
 * interactions do not enter. Time O(Σ_u |I_u|²), in ordinary memory. Counts are exact up to 2²⁴ users.
 */
export function cooccurrence({ items, byUser, byItem }: Pick<Dataset, 'items' | 'byUser' | 'byItem'>): CsrMatrix {
  const shared = new Int32Array(items)
  const touched = new Int32Array(items)
  /** Fills `touched` with the items that share a user with `item`, `shared` with how many; returns their number. */
  const countRow = (item: number) => {
    let size = 0
    for (let e = byItem.offsets[item]; e < byItem.offsets[item + 1]; e++) {
      const user = byItem.indices[e]
      for (let f = byUser.offsets[user]; f < byUser.offsets[user + 1]; f++) {
        const other = byUser.indices[f]
        if (other !== item && shared[other]++ === 0) touched[size++] = other
      }
    }
    return size
  }

  const offsets = new Int32Array(items + 1)
  for (let item = 0; item < items; item++) {
    const size = countRow(item)
    for (let t = 0; t < size; t++) shared[touched[t]] = 0
    offsets[item + 1] = offsets[item] + size
  }

  const indices = new Int32Array(offsets[items])
  const values = new Float32Array(offsets[items])
  // row `item` is written down as column `item` (the matrix is symmetric), which leaves every row ascending unsorted
  const next = offsets.slice()
  for (let item = 0; item < items; item++) {
    const size = countRow(item)
    for (let t = 0; t < size; t++) {
      const other = touched[t]
      const entry = next[other]++
      indices[entry] = item
      values[entry] = shared[other]
      shared[other] = 0
    }
  }
  return { offsets, indices, values }
}
