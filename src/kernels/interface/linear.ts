/** Products of sparse matrices with tables, and the optimizers. */
import type { CsrMatrix, Floats, SparseRows, Tables } from './types.ts'

export interface LinearKernels {
  /** y = a · x, plus `add` when given, which may be y; x, y and add are [rows × columns]. */
  spmm(a: CsrMatrix, x: Floats, y: Floats, columns: number, add?: Floats): void
  /**
   * The same where less is needed: rows of y that are not `wanted` are left as they are, and rows of x that are not
   * `live` (and of add that are not `liveAdd`) must be zero and are passed over. The rows it computes are those of `spmm`
   * to the bit.
   */
  spmmLive(a: CsrMatrix, x: Floats, y: Floats, columns: number, rows: LiveRows, add?: Floats): void
  /**
   * The last hop, and the mean of all: hop H − 1 = a · hop H − 2, then pooled = the mean over the hops. Rows that are not
   * `wanted` are left as they are. H ≥ 2.
   */
  lastHop(a: CsrMatrix, tables: Tables, wanted?: Int8Array): void
  /** tables.pooled = the mean of the H hop tables. */
  poolHops(tables: Tables): void
  /** Copies some rows of a table [· × columns] to another; no row twice. */
  copyRows(from: Floats, to: Floats, columns: number, rows: Int32Array): void
  /**
   * One step of Adam (Kingma & Ba, arXiv 1412.6980) on every element, or on those of some rows, no row twice. `step`
   * counts from 1.
   */
  adam(
    parameter: Floats,
    gradient: Floats,
    moments: AdamMoments,
    settings: AdamSettings,
    step: number,
    rows?: TableRows,
  ): void
  /**
   * One step of row-wise AdaGrad: each row adds the mean of its squared gradient to its one number of `sums` [rows], then moves by
   * learningRate · gradient / (√sum + ε). All rows, or some, no row twice.
   */
  adagrad(parameter: Floats, gradient: Floats, sums: Floats, settings: AdagradSettings, rows?: Int32Array): void
  /**
   * Moves each row r of x [rows × D] by some steps of the conjugate gradient from where it is towards the solution of
   * (gram + Σ_{j ∈ r} c_j y_j y_jᵀ + ridges_r I) x_r = Σ_{j ∈ r} c_j y_j, j over the entries of row r of `met` with their values c,
   * the columns of which are rows of y [· × D]; gram [D × D] is symmetric, ridges has a number per row.
   */
  improveRows(x: Floats, y: Floats, met: SparseRows, gram: Floats, ridges: Floats, options: LeastSquares): void
}

export interface LeastSquares {
  readonly dimensions: number
  readonly steps: number
}

/** Which rows matter: a byte each, 0 for no; all of them when absent. */
export interface LiveRows {
  readonly wanted?: Int8Array
  readonly live?: Int8Array
  readonly liveAdd?: Int8Array
}

/** Some rows of a table [· × columns]. */
export interface TableRows {
  readonly rows: Int32Array
  readonly columns: number
}

export interface AdamMoments {
  readonly first: Floats
  readonly second: Floats
}

export interface AdamSettings {
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

export interface AdagradSettings {
  readonly learningRate: number
  readonly epsilon: number
}
