/** Which items share users, and what they are to each other: sparse [I × I], counted row by row. */
import type { CsrMatrix, CsrPattern, SparseRows } from './types.ts'

export interface NeighborKernels {
  /** sizes[i] = the number of other items that share a user with item i. */
  countNeighbors(graph: ItemGraph, sizes: Int32Array): void
  /**
   * Fills rows first … first + n − 1 of the [I × I] affinities into the n rows of `out`, whose offsets are given, columns
   * ascending; the diagonal is left out. A row with less room than neighbours keeps the largest values, of equals those
   * with the smaller rank. `ranks` [I] may be absent where all have room. Sums run over users in ascending order, in f64.
   * @param sizes [n] filled with how many each row has; needed where a row may have more room
   */
  fillNeighbors(
    graph: ItemGraph,
    affinity: Affinity,
    out: CsrMatrix,
    first: number,
    ranks?: Int32Array,
    sizes?: Int32Array,
  ): void
  /** sizes[i] = the number of other items within `window` places of item i in a sequence. */
  countOrdered(sequences: Sequences, window: number, sizes: Int32Array): void
  /**
   * Fills the [I × I] of `OrderedWalk` into `out`, whose offsets are given, columns ascending; the diagonal is left out. Rows with
   * less room than items keep the largest, as in `fillNeighbors`. Sums run over the places of the row's item in the order of
   * `entries`, in f64.
   */
  fillOrdered(sequences: Sequences, walk: OrderedWalk, out: CsrMatrix, ranks?: Int32Array): void
  /** In place, for a symmetric matrix: D^{-1/2} A D^{-1/2}, D the row sums, in f64; an empty row stays empty. */
  normalizeSymmetrically(matrix: CsrMatrix): void
  /** out[r] = Σ of the rows of `matrix` that row r of `chosen` names, times its values, in their order; dense [rows × columns]. */
  sumSparseRows(chosen: SparseRows, matrix: SparseRows, columns: number, out: CsrMatrix['values']): void
}

/** Interactions from both sides. */
export interface ItemGraph {
  /** user → items */
  readonly byUser: CsrPattern
  /** item → users */
  readonly byItem: CsrPattern
}

/** Items in an order of time, no item twice in one sequence. */
export interface Sequences {
  /** sequence → items, oldest first */
  readonly bySequence: CsrPattern
  /** [entries] the sequence of each place */
  readonly owners: Int32Array
  /** [entries] ascending within a sequence; equal ones have no order between them */
  readonly times: Int32Array
  /** item → its places in `bySequence.indices`, ascending */
  readonly byItem: CsrPattern
}

/**
 * o_ij = Σ over sequences with i at s and j at t, |t − s| ≤ window, of nearness[|t − s|] · (1 if j is later, `backward` if it is
 * earlier, the mean of both at equal times) / (leave_i hold_j + shrinkage).
 */
export interface OrderedWalk {
  readonly window: number
  /** [window + 1] by distance in places; the first is not used */
  readonly nearness: Float64Array
  readonly backward: number
  /** [I] */
  readonly leave: Float64Array
  /** [I] */
  readonly hold: Float64Array
  readonly shrinkage: number
}

/**
 * What item j is to item i, for items with users in common; n of them, d the number of users of an item.
 * - shared: n
 * - jaccard: n / (d_i + d_j − n)
 * - cosine: n / (sqrt(d_i d_j) + shrinkage)
 * - walk: Σ leave_i · step_u / (hold_j + shrinkage · leave_i) over the users u that both have
 */
export type Affinity =
  | { readonly kind: 'shared' | 'jaccard' }
  | { readonly kind: 'cosine'; readonly shrinkage: number }
  | {
      readonly kind: 'walk'
      /** [I] */
      readonly leave: Float64Array
      /** [U] */
      readonly step: Float64Array
      /** [I] */
      readonly hold: Float64Array
      readonly shrinkage: number
    }
