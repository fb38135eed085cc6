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
import type { StatisticsKernels } from './statistics.ts'
import type { SweepKernels } from './sweep.ts'
import type { TreeKernels } from './trees.ts'
import type { KernelMemory } from './types.ts'
import type { VectorKernels } from './vectors.ts'

export type * from './blocks.ts'
export type * from './linear.ts'
export type * from './listwise.ts'
export type * from './neighbors.ts'
export type * from './pairs.ts'
export type * from './ranking.ts'
export type * from './sampling.ts'
export type * from './statistics.ts'
export type * from './sweep.ts'
export type * from './trees.ts'
export type * from './types.ts'
export type * from './vectors.ts'

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
    ListwiseKernels,
    StatisticsKernels {
  readonly name: string
  readonly memory: KernelMemory
  /** threads that share a call out; their number changes no bit */
  readonly threads: number
  /** Ends the other threads, which keep the memory alive; the kernels then go on with one. */
  close(): void
}
