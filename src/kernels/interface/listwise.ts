/** A linear score that puts held-out items first in their lists. */
import type { Floats } from './types.ts'

export interface ListwiseKernels {
  /**
   * For each list l, with p = softmax of θ · x over its rows and q = 1 / (held-out rows) on those that are held out, 0 elsewhere:
   * losses[l] = −Σ q log p, gradients[l] [F] = Σ (p − q) x; `slopes` [rows] = p − q. Every list holds something that is held out.
   */
  listSoftmax(lists: LabelledRows, theta: Floats, slopes: Floats, losses: Floats, gradients: Floats): void
}

/** Lists of rows. */
export interface LabelledRows {
  /** list → rows */
  readonly offsets: Int32Array
  /** [rows × F], F a multiple of 4 */
  readonly features: Floats
  /** [rows] 1 for what is held out */
  readonly positive: Int8Array
}
