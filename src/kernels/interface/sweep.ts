/**
 * The inverse of a symmetric positive definite matrix A by sweeps (Goodnight, The American Statistician 33, 1979), n³/2
 * multiply-adds: when every pivot was swept, A holds −A⁻¹. Only the lower triangle is read and written.
 *
 * A matrix that kernel memory cannot hold is brought in by parts: for a group of pivots first their columns
 * (`sweepColumns`), then any rows in any order (`sweepRows`), with the bits of one group of all pivots. In one piece, pairs of blocks
 * of 256 pivots go through Strassen's algorithm from 1,536 rows on: an eighth fewer multiply-adds, rounded otherwise.
 */
import type { CsrMatrix, Floats } from './types.ts'

export interface SweepKernels {
  /**
   * Replaces the matrix [n × n] by its inverse. Only the lower triangle is read; both are written.
   * @param room may be overwritten; with 9,216 bytes per row next to nothing is taken of the memory
   * @throws RunError naming the pivot when the matrix is not positive definite
   */
  invertPositiveDefinite(matrix: Floats, n: number, room?: Floats): void
  /**
   * The rows and columns of P = A⁻¹ that an elimination left out, from those that are left: over the rows i behind a pivot v,
   * P_vj = −Σ_i A_vi P_ij / A_vv and P_vv = (1 − Σ_i A_vi P_iv) / A_vv.
   * @param matrix [n × stride], symmetric; filled in where row or column is a pivot, zeros staying in columns from n on
   * @param left the rows that are left, ascending
   */
  recoverEliminated(matrix: Floats, stride: number, left: Int32Array, pivots: EliminatedRows): void
  /** Room for what the columns of a group of pivots have to say to the rows. */
  sweepPanels(n: number, pivots: number): SweepPanels
  /**
   * Sweeps a group of pivots within their columns, and fills `panels`.
   * @param columns [n × stride], column j being that of pivot first + j; of the square of the pivots the lower triangle
   * @throws RunError as `invertPositiveDefinite`
   */
  sweepColumns(columns: Floats, group: SweepGroup, panels: SweepPanels): void
  /**
   * The same sweeps for rows firstRow … end − 1, none of them a pivot, up to the diagonal; the pivots' columns are left as they are.
   * @param rows [end − firstRow × stride]; firstRow is a multiple of 8, and end too or n
   */
  sweepRows(rows: Floats, range: { firstRow: number; end: number }, group: SweepGroup, panels: SweepPanels): void
}

/** Rows that were eliminated, the last one first. */
export interface EliminatedRows {
  readonly rows: Int32Array
  /** −A_vi / A_vv, a row for each of them */
  readonly factors: CsrMatrix
  /** 1 / A_vv */
  readonly inverses: Floats
}

/** Pivots first … first + count − 1 of a matrix of n rows, here `stride` floats apart; first and count are multiples of 256, count but for the last group. */
export interface SweepGroup {
  readonly stride: number
  readonly n: number
  readonly first: number
  readonly count: number
}

/** In the backend's own order. */
export interface SweepPanels {
  readonly w: Floats
  readonly v: Floats
}
