/** Initial vectors of items from elsewhere: language enters a model through them. */
import type { ItemVectors } from '../dataset/items/vectors.ts'
import { UsageError } from '../errors.ts'
import type { Floats } from '../kernels/interface/kernels.ts'
import { derive, randomStream } from '../random.ts'
import { initialBound } from './embeddings.ts'
import type { Draw } from './model.ts'

/**
 * Puts given vectors in place of drawn ones. Where the lengths differ, they are projected by signs that the seed draws, which keeps
 * angles roughly; all are scaled so that their numbers are as large as drawn ones. Items without a vector keep theirs.
 * @param table [I × D] as it was drawn
 * @source Achlioptas, "Database-friendly random projections", JCSS 2003: signs in place of normal numbers
 */
export function placeItemVectors(table: Floats, dimensions: number, given: ItemVectors, draw: Draw): void {
  const items = table.length / dimensions
  const random = randomStream(derive(draw.seed, 'initial', 'projection'))
  const same = given.dimensions === dimensions
  const signs = Int8Array.from({ length: same ? 0 : dimensions * given.dimensions }, () => (random.below(2) ? 1 : -1))
  const bound = initialBound(items, dimensions, draw.initialDeviation)
  // U(−b, b) has numbers of size b / √3, a vector of length 1 of 1 / √D
  const scale = (bound / Math.sqrt(3)) * Math.sqrt(same ? dimensions : 1)
  for (let item = 0; item < items; item++) {
    const own = given.values.subarray(item * given.dimensions, (item + 1) * given.dimensions)
    if (own.every(value => value === 0)) continue
    for (let d = 0; d < dimensions; d++) {
      let value = same ? own[d] : 0
      for (let from = 0; !same && from < own.length; from++) value += own[from] * signs[d * own.length + from]
      table[item * dimensions + d] = value * scale
    }
  }
}

/** Vectors of an earlier model, and where each row of this one's stands in them; −1 for rows that it does not have. */
export interface WarmStart {
  readonly dimensions: number
  readonly users: Float32Array
  readonly items: Float32Array
  /** [U] */
  readonly userRows: Int32Array
  /** [I] */
  readonly itemRows: Int32Array
}

/**
 * Lets a table of users [U × D] or of items [I × D] begin where an earlier model ended.
 * @throws UsageError when its vectors have another length
 */
export function placeWarmStart(table: Floats, dimensions: number, warm: WarmStart, of: 'users' | 'items'): void {
  if (warm.dimensions !== dimensions)
    throw new UsageError(
      `--warm-start: its vectors have ${warm.dimensions} numbers, those to train ${dimensions}; give --dimensions ${warm.dimensions}, and the same model`,
    )
  const [rows, from] = of === 'users' ? [warm.userRows, warm.users] : [warm.itemRows, warm.items]
  rows.forEach((row, at) => {
    if (row >= 0) table.set(from.subarray(row * dimensions, (row + 1) * dimensions), at * dimensions)
  })
}
