/** For objectives that look at whole vectors. */

import type { PairValues } from './pairs.ts'
import type { Batch, CsrPattern, Floats, Negatives, Tables } from './types.ts'

/** Tables are [rows × columns] each; columns is a multiple of 4. */
export interface VectorKernels {
  /** out[r] = table[rows[r]], zeros where that is −1. */
  gatherRows(table: Floats, columns: number, rows: Int32Array, out: Floats): void
  /** out[s] = n̄_s [S × D], the vector whose product with ū is the negative's score; zeros in an empty slot. */
  gatherNegatives(tables: Tables, batch: Batch, negatives: Negatives, out: Floats): void
  /** out[rows[r]] += scale · weights[r] · values[r], in the order of r; −1 is passed over, weights are 1 when absent. */
  scatterRows(values: Floats, columns: number, rows: Int32Array, out: Floats, scale: number, weights?: Floats): void
  /** c = a b, or c + a b, summed in the order of the inner index; transposed: a is [inner × rows]. */
  multiply(a: Floats, b: Floats, c: Floats, shape: Product): void
  /** out[r] = a[⌊r / perRow⌋] · b[r], for each row of b. */
  dotRows(a: Floats, b: Floats, perRow: number, columns: number, out: Floats): void
  /** From ∂loss/∂out of `dotRows`: adds ∂loss/∂a to `toA`, overwrites `toB` with ∂loss/∂b. */
  dotRowsBack(
    a: Floats,
    b: Floats,
    derivatives: Floats,
    perRow: number,
    columns: number,
    toA: Floats,
    toB: Floats,
  ): void
  /** out [columns × rows] */
  transpose(x: Floats, rows: number, columns: number, out: Floats): void
  /** norms[r] = sqrt(|x[r]|² + 1e-12), so that a vector of zeros has a unit vector (of zeros); out[r] = x[r] / norms[r]. */
  normalizeRows(x: Floats, columns: number, out: Floats, norms: Floats): void
  /** In place: from ∂loss/∂(unit vector) to ∂loss/∂(vector). */
  normalizeRowsBack(unit: Floats, norms: Floats, columns: number, gradient: Floats): void
  /**
   * In place, x being [n × columns] and sums [n]: x ← exp(scale · x − scale), but 0 on the diagonal and in columns from n
   * on; sums[r] = Σ of row r.
   */
  gaussianRows(x: Floats, columns: number, scale: number, sums: Floats): void
  /** In place: x ← 1 / (1 + exp(−x)), for each element. */
  sigmoid(x: Floats): void
  /** The natural logarithm, the same on every machine. */
  log(value: number): number
  /**
   * Softmax of each positive over itself, its K picked negatives and a pool of negatives that the batch shares, logits
   * being scale · score: loss[b] = w_b · (log Σ count · exp(logit) − the positive's logit), where each counts once but
   * those of the pool as often as it says. What is forbidden for the user, and the positive itself, do not count.
   * Derivatives are by the scores and divided by B; those of the pool replace its scores.
   */
  sharedSoftmax(
    pool: SharedPool,
    batch: Batch,
    negatives: Negatives,
    scale: number,
    scores: PairValues,
    derivatives: PairValues,
    loss: Floats,
  ): void
}

export interface Product {
  readonly rows: number
  readonly inner: number
  readonly columns: number
  readonly transposed?: boolean
  readonly accumulate?: boolean
  /** most of a is zero, which is passed over; the sums are the same to the bit. Not with `accumulate` */
  readonly sparse?: boolean
}

/** Negatives that a batch shares, M of them. */
export interface SharedPool {
  /** [B × M] */
  readonly scores: Floats
  /** [M], −1 for none */
  readonly items: Int32Array
  /** [M] how often each counts */
  readonly counts: Floats
  /** [I] the last place of an item among `items`, −1 for none */
  readonly heads: Int32Array
  /** [M] the place of the same item before this one, −1 for none */
  readonly next: Int32Array
  readonly forbidden: CsrPattern
}
