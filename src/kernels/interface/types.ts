/** What kernels work on: arrays in a memory of theirs, sparse matrices, the tables of a model, a batch and its negatives. */

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

/** A matrix whose entries are 1 when it has no values. */
export type SparseRows = CsrPattern & Partial<Pick<CsrMatrix, 'values'>>

/** Where the arrays of a backend live. What is allocated in a scope is gone after it. */
export interface KernelMemory {
  /** Zeroed. @throws RunError when the memory's limit would be passed, with the figures */
  floats(length: number): Floats
  /** f64 in every backend, for what is summed over many rows. */
  doubles(length: number): Float64Array
  ints(length: number): Int32Array
  bytes(length: number): Int8Array
  /** A copy of `values` in this memory. */
  copy<T extends Floats | Int32Array | Int8Array>(values: T): T
  /** The very values where they lie in this memory already, else a copy. */
  resident<T extends Floats | Int32Array | Int8Array>(values: T): T
  /** Runs `body`, then frees all that was allocated since; scopes nest. */
  scope<T>(body: () => T): T
  /** Bytes in use now, and the most there ever were. */
  readonly usage: { readonly bytes: number; readonly peakBytes: number }
  /** Bytes that it can hold. */
  readonly limit: number
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
