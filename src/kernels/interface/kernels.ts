/**
 * The fast layer, as a typed interface. Two backends implement it: `reference.ts`, plain TypeScript and the truth, and
 * `wasm.ts`, AssemblyScript SIMD over one shared memory. One suite (`test/kernels/`) runs over both.
 *
 * Legend, the same everywhere: U users · I items · D dimensions · L layers · H = L + 1 hops · B positives in a batch ·
 * S = B·K slots (K negatives per positive) · N candidates per slot · K also the cut-off of a ranking.
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
import type { BlockKernels } from './blocks.ts'
import type { LinearKernels } from './linear.ts'
import type { ListwiseKernels } from './listwise.ts'
import type { NeighborKernels } from './neighbors.ts'
import type { PairKernels } from './pairs.ts'
import type { RankingKernels } from './ranking.ts'
import type { SamplingKernels } from './sampling.ts'
import type { SweepKernels } from './sweep.ts'
import type { TreeKernels } from './trees.ts'
import type { VectorKernels } from './vectors.ts'

export type * from './blocks.ts'
export type * from './linear.ts'
export type * from './listwise.ts'
export type * from './neighbors.ts'
export type * from './pairs.ts'
export type * from './ranking.ts'
export type * from './sampling.ts'
export type * from './sweep.ts'
export type * from './trees.ts'
export type * from './vectors.ts'

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

export interface Kernels
  extends LinearKernels,
    SamplingKernels,
    PairKernels,
    RankingKernels,
    TreeKernels,
    BlockKernels,
    NeighborKernels,
    SweepKernels,
    VectorKernels,
    ListwiseKernels {
  readonly name: string
  readonly memory: KernelMemory
  /** threads that share a call out; their number changes no bit */
  readonly threads: number
  /** Ends the other threads, which keep the memory alive; the kernels then go on with one. */
  close(): void
}
