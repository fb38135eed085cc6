/**
 * The truth: every kernel in plain TypeScript, in f32 or f64, written to be read. The fast backend is checked against
 * it kernel by kernel; in f64 it is what the finite differences of the gradients are taken from.
 */
import type { Kernels } from './kernels.ts'
import { heapMemory } from './memory.ts'
import { blockKernels } from './reference-blocks.ts'
import { topKByScores, topKByVectors } from './reference-dense.ts'
import { linearKernels } from './reference-linear.ts'
import { neighborKernels } from './reference-neighbors.ts'
import { pairKernels } from './reference-pairs.ts'
import { samplingKernels } from './reference-sampling.ts'
import { assignToCentroids, longestSharedPrefix, moveCentroids } from './reference-trees.ts'
import { vectorKernels } from './reference-vectors.ts'

export function createReferenceKernels(precision: 'f32' | 'f64' = 'f64'): Kernels {
  return {
    name: `reference ${precision}`,
    memory: heapMemory(precision),
    threads: 1,
    close() {},
    ...linearKernels,
    ...samplingKernels,
    ...pairKernels,
    topKByVectors,
    topKByScores,
    assignToCentroids,
    longestSharedPrefix,
    moveCentroids,
    ...blockKernels,
    ...neighborKernels,
    ...vectorKernels,
  }
}
