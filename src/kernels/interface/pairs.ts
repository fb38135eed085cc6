/** Losses of positives against negatives, and their gradients. */

import type { AdagradSettings, AdamMoments, AdamSettings } from './linear.ts'
import type { Batch, Floats, Negatives, Tables } from './types.ts'

export interface PairKernels {
  /** positive[b] = ū·p̄ and negative[s] = ū·n̄_s (0 in an empty slot). */
  scorePairs(tables: Tables, batch: Batch, negatives: Negatives, positive: Floats, negative: Floats): void
  /**
   * BPR over K picked negatives: loss[b] = w_b · log(1 + Σ_k exp(negative − positive)), and its derivatives by the
   * scores, all divided by B. Empty slots (item −1) are left out.
   */
  bpr(batch: Batch, negatives: Negatives, scores: PairValues, derivatives: PairValues, loss: Floats): void
  /**
   * Binary cross-entropy: loss[b] = w_b · (log(1 + exp(−positive)) + Σ_k log(1 + exp(negative))), and its derivatives by
   * the scores, all divided by B. Empty slots are left out.
   */
  crossEntropy(batch: Batch, negatives: Negatives, scores: PairValues, derivatives: PairValues, loss: Floats): void
  /** out[b] = ∂loss/∂ū of positive b, [B × D]. */
  userGradients(tables: Tables, batch: Batch, negatives: Negatives, derivatives: PairValues, out: Floats): void
  /** Fills `nodes` with what the batch, its negatives and items that its positives `share` touch; node of item i is U + i. */
  groupByNode(tables: Tables, batch: Batch, negatives: Negatives, nodes: BatchNodes, shared?: Int32Array): void
  /**
   * ∂loss/∂(vectors of hop h): overwrites the rows of `nodes` in `out` [(U + I) × D] and leaves all others. With pickedHops = 1
   * those by hop 0 are those by every hop. A row sums its entries in their order.
   */
  scatterGradients(
    tables: Tables,
    batch: Batch,
    negatives: Negatives,
    derivatives: PairValues,
    userGradients: Floats,
    nodes: BatchNodes,
    h: number,
    out: Floats,
  ): void
  /**
   * The term λ/(2B) Σ_b (‖u‖² + ‖p‖² + Σ_k ‖n_k‖²) on hop 0, a mixed negative being regularised as the mixed vector:
   * adds its gradient to the rows of `nodes` in `out` [(U + I) × D], and B times each positive's share of it to loss[b].
   */
  addRegularization(
    tables: Tables,
    batch: Batch,
    negatives: Negatives,
    lambda: number,
    nodes: BatchNodes,
    out: Floats,
    loss: Floats,
  ): void
  /**
   * The term λ/2 ‖x‖² of every row x of a table [n × columns]: adds λ x to what `out` [n × columns] holds, or writes it where `kept` is 0;
   * squares[r] = ‖x_r‖². In f64, rounded once.
   */
  penalizeRows(table: Floats, columns: number, lambda: number, out: Floats, squares: Floats, kept?: Int8Array): void
  /**
   * A whole step of a table that is its own only hop: `scatterGradients`, `addRegularization` and `adam` or `adagrad` on the rows of `nodes`,
   * the same to the bit, in one pass over them. Without mix; pickedHops = 1.
   * @returns B times the term that `addRegularization` adds to the positives' losses
   */
  updateRows(
    tables: Tables,
    batch: Batch,
    negatives: Negatives,
    gradients: PairGradients,
    lambda: number,
    nodes: BatchNodes,
    step: AdamStep | AdagradStep,
  ): number
}

/** ∂loss/∂scores, and what `userGradients` makes of them [B × D]. */
export interface PairGradients {
  readonly derivatives: PairValues
  readonly userGradients: Floats
}

export interface AdamStep {
  readonly moments: AdamMoments
  readonly settings: AdamSettings
  /** counts from 1 */
  readonly step: number
}

export interface AdagradStep {
  /** [U + I] */
  readonly sums: Floats
  readonly settings: AdagradSettings
}

/** The nodes that a batch touches, each with its entries; see `createBatchNodes`. */
export interface BatchNodes {
  /** [U + I] a byte for each node, 1 for those that are touched */
  readonly marks: Int8Array
  /** how many are touched */
  count: number
  /** those that are touched, in the order of their first entry; the first `count` hold */
  readonly rows: Int32Array
  /** what `updateRows` adds up of each of them */
  readonly squares: Floats
  /** the entries of rows[n] are entries[offsets[n] … offsets[n + 1]) */
  readonly offsets: Int32Array
  /**
   * ascending for each node: e < B for the user of positive e, e < 2B for the item of positive e − B, e < 2B + P for pick
   * e − 2B of the P in `Negatives.items`, then the shared items
   */
  readonly entries: Int32Array
  /** [U + I] for the kernel's own use */
  readonly position: Int32Array
}

/** A value for each positive [B] and each negative [S] of a batch: scores, or derivatives of the loss by them. */
export interface PairValues {
  readonly positive: Floats
  readonly negative: Floats
}
