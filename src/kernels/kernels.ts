/**
 * The fast layer, as a typed interface. Two backends implement it: `reference.ts`, plain TypeScript and the truth, and
 * `wasm.ts`, AssemblyScript SIMD over one shared memory. One suite (`test/kernels/`) runs over both.
 *
 * Legend, the same everywhere: U users · I items · D dimensions · L layers · H = L + 1 hops · B positives in a batch ·
 * S = B·K slots (K negatives a positive) · N candidates a slot · K also the cut-off of a ranking.
 * A node is a user (0 … U − 1) or an item (U … U + I − 1).
 *
 * Guarantees
 * - Arrays are row-major. Every array handed to a backend comes from its own `memory`; an array from elsewhere throws.
 * - The same arguments give the same bits, on every machine: sums run in a fixed order, random numbers are functions
 *   of (key, epoch, batch, sample), and `exp` and `log` are the kernels' own.
 * - D is a multiple of 4.
 *
 * Not here: file formats, progress, anything asynchronous, and any state but the memory.
 */
import type { Key } from '../random.ts'

/** f32 in the fast layer; the reference also runs in f64, which is what finite differences need. */
export type Floats = Float32Array | Float64Array

/** The pattern of a sparse matrix: row r holds the ascending `indices[offsets[r] … offsets[r + 1])`. */
export interface CsrPattern {
  readonly offsets: Int32Array
  readonly indices: Int32Array
}

export interface CsrMatrix extends CsrPattern {
  readonly values: Floats
}

/** Where the arrays of a backend live. What is allocated in a scope is gone after it. */
export interface KernelMemory {
  /** Zeroed. @throws RunError when the memory's limit would be passed, with the figures */
  floats(length: number): Floats
  ints(length: number): Int32Array
  bytes(length: number): Int8Array
  /** A copy of `values` in this memory. */
  copy<T extends Floats | Int32Array | Int8Array>(values: T): T
  /** Runs `body`, then frees all that was allocated since; scopes nest. */
  scope<T>(body: () => T): T
  /** Bytes in use now, and the most there ever were. */
  readonly usage: { readonly bytes: number; readonly peakBytes: number }
}

/** The embeddings of a model after its forward pass. */
export interface Tables {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  /** H */
  readonly hops: number
  /** [H × (U + I) × D] */
  readonly hop: Floats
  /** [(U + I) × D], the mean over the hops */
  readonly pooled: Floats
}

/** B observed pairs. */
export interface Batch {
  readonly size: number
  /** [B] */
  readonly users: Int32Array
  /** [B] items, 0 … I − 1 */
  readonly positives: Int32Array
  /** [B] weight in the loss; 1 when absent */
  readonly weights?: Floats
}

/** The negatives picked for a batch, S = B·K of them. */
export interface Negatives {
  /** K */
  readonly perPositive: number
  /** H when each hop has its own pick, else 1 */
  readonly pickedHops: number
  /** [S × pickedHops] items; −1 throughout a slot whose user has no item left to draw */
  readonly items: Int32Array
  /** [S × H] share β of the positive in the negative's hop h; absent when nothing is mixed. Needs pickedHops = H. */
  readonly mix?: Floats
}

/** Where in the stream of random numbers a batch stands. */
export interface DrawPosition {
  readonly key: Key
  readonly epoch: number
  readonly batch: number
}

export interface LinearKernels {
  /** y = a · x, plus `add` when given; x, y and add are [rows × columns]. */
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
   * Replaces the symmetric positive definite matrix [n × n] by its inverse (a blocked sweep, n³/2 multiply-adds).
   * Only the lower triangle is read; both are written.
   * @throws RunError naming the pivot when the matrix is not positive definite
   */
  invertPositiveDefinite(matrix: Floats, n: number): void
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

export interface SamplingKernels {
  /** Shuffles in place (Fisher–Yates under philox, as `random.ts` does). */
  shuffle(values: Int32Array, key: Key): void
  /** out[sample × perSample + j], uniform over [0, 1). */
  drawUniforms(at: DrawPosition, samples: number, perSample: number, out: Floats): void
  /** In place: x [· × columns] += ε · sign(x) · u / |u|, u ~ U(0, 1)^columns for each row; zeros stay zeros. */
  addNoise(at: DrawPosition, x: Floats, columns: number, epsilon: number): void
  /**
   * `draws` items for each of `users`, uniform over the items that `forbidden` (user → items) does not hold; exact, one
   * random number a draw. −1 where no item is left. out is [users.length × draws].
   * @returns the number of users with no item left
   */
  drawItems(
    at: DrawPosition,
    users: Int32Array,
    forbidden: CsrPattern,
    items: number,
    draws: number,
    out: Int32Array,
  ): number
  /**
   * out[(s × hops + h) × N + n] = ū · (vector of candidate n in hop h), for `hops` = H; for `hops` = 1 the pooled
   * vector. candidates is [S × N]; 0 where a candidate is −1.
   */
  scoreCandidates(
    tables: Tables,
    batch: Batch,
    candidates: Int32Array,
    perSlot: number,
    hops: number,
    out: Floats,
  ): void
  /** In place: score ← β ū·p_h + (1 − β) score; scores is [S × H × N], mix [S × H]. */
  mixScores(tables: Tables, batch: Batch, mix: Floats, perSlot: number, scores: Floats): void
  /**
   * In place, for each of the `hops` rows of a slot: min–max over its N scores (ε = 1e-8 in the denominator), then plus
   * Σ_view weight · sim(positive, candidate), see `docs/method.md`, "dual-tree".
   */
  addCodeSimilarity(
    views: readonly CodeView[],
    batch: Batch,
    candidates: Int32Array,
    perSlot: number,
    hops: number,
    scores: Floats,
  ): void
  /** out[s × hops + h] = the candidate with the largest score, the first of equals. */
  pickLargest(
    candidates: Int32Array,
    scores: Floats,
    slots: number,
    hops: number,
    perSlot: number,
    out: Int32Array,
  ): void
}

/** Item codes of one tree and their weight (α_c or α_s). */
export interface CodeView {
  readonly codes: Codes
  readonly weight: number
}

/** The path of each item in a tree: [I × depth] child numbers, padded with −1. */
export interface Codes {
  readonly depth: number
  readonly values: Int8Array
}

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
   * ∂loss/∂(hop vector): overwrites the rows of `nodes` in `out` [pickedHops × (U + I) × D] and leaves all others. With
   * pickedHops = 1 the one table stands for every hop. A row sums its entries in their order.
   */
  scatterGradients(
    tables: Tables,
    batch: Batch,
    negatives: Negatives,
    derivatives: PairValues,
    userGradients: Floats,
    nodes: BatchNodes,
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
}

/** The nodes that a batch touches, each with its entries; see `createBatchNodes`. */
export interface BatchNodes {
  /** [U + I] a byte for each node, 1 for those that are touched */
  readonly marks: Int8Array
  /** how many are touched */
  count: number
  /** those that are touched, in the order of their first entry; the first `count` hold */
  readonly rows: Int32Array
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

export interface RankingKernels {
  /**
   * The k best items for each of `users` by the inner product of userVectors [· × D] and itemVectors [I × D], without
   * the items in `seen` (user → items). Ties go to the smaller `tieRank` [I]. −1 fills a list with too few items.
   */
  topKByVectors(request: VectorRanking, out: TopK): void
  /** The same from given scores [users.length × I]. */
  topKByScores(request: ScoreRanking, out: TopK): void
}

export interface RankingRequest {
  /** rows of `seen`, one a ranking */
  readonly users: Int32Array
  readonly items: number
  readonly seen: CsrPattern
  readonly tieRank: Int32Array
}

export interface VectorRanking extends RankingRequest {
  readonly userVectors: Floats
  readonly itemVectors: Floats
  readonly dimensions: number
}

export interface ScoreRanking extends RankingRequest {
  readonly scores: Floats
}

/** k items and scores a user, best first: [users.length × k] each. */
export interface TopK {
  readonly k: number
  readonly items: Int32Array
  readonly scores: Floats
}

export interface TreeKernels {
  /** The nearest of `centroids` [k × D] to each of `points` [n × D], and the squared distance to it; first of equals. */
  assignToCentroids(points: Floats, centroids: Floats, dimensions: number, nearest: Int32Array, distances: Floats): void
  /**
   * out[r × N + n] = the longest prefix that candidate n of row r shares with any item of that user's history.
   * candidates is [users.length × N]; 0 for −1.
   */
  longestSharedPrefix(
    codes: Codes,
    history: CsrPattern,
    users: Int32Array,
    candidates: Int32Array,
    out: Int32Array,
  ): void
}

/** For objectives that look at whole vectors, [rows × columns] each; columns is a multiple of 4. */
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

export interface Kernels
  extends LinearKernels,
    SamplingKernels,
    PairKernels,
    RankingKernels,
    TreeKernels,
    VectorKernels {
  readonly name: string
  readonly memory: KernelMemory
  /** threads that share a call out; their number changes no bit */
  readonly threads: number
  /** Ends the other threads, which keep the memory alive; the kernels then go on with one. */
  close(): void
}
