/**
 * Blocks of long vectors side by side in f64, and what an eigensolver needs of them. A block is [rows × width], a column
 * a vector; width is a multiple of 4. Sums over the rows run in their order, in f64.
 */
import type { Floats } from './types.ts'

export interface Block {
  readonly rows: number
  readonly width: number
  readonly values: Float64Array
}

export interface BlockKernels {
  /** out[i × width + j] = (column i of table) · (column j of block); table is [rows × width]. */
  gram(table: Floats, block: Block, out: Float64Array): void
  /** out = block · factors, factors [width × width]; the terms are added four at a time. */
  rotateColumns(block: Block, factors: Float64Array, out: Block): void
  /** out[c] = (column c) · (column `column`), one for each of `out`. */
  columnDots(block: Block, column: number, out: Float64Array): void
  /** column `column` += Σ_c factors[c] · (column c), for the columns before it; the terms are added four at a time. */
  addColumns(block: Block, column: number, factors: Float64Array): void
  /** out[c] = |(column c of table) − values[c] · (column c of block)|², one for each of `out`. */
  columnResiduals(block: Block, table: Floats, values: Float64Array, out: Float64Array): void
  /** The block as a table of the precision that sparse products take, and back. */
  narrow(from: Float64Array, to: Floats): void
  widen(from: Floats, to: Float64Array): void
  /**
   * A step of Chebyshev's recurrence for a matrix whose spectrum [centre − half, centre + half] becomes [−1, 1]; product =
   * matrix · current. out ← 2 / half · (product − centre · current) − out; the `first` step has (product − centre ·
   * current) / half.
   */
  chebyshevStep(product: Floats, current: Floats, out: Floats, interval: Interval, first: boolean): void
}

export interface Interval {
  readonly centre: number
  readonly half: number
}
