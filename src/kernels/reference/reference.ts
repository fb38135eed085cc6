/**
 * The truth: every kernel in plain TypeScript, in f32 or f64, written to be read. The fast backend is checked against
 * it kernel by kernel; in f64 it is what the finite differences of the gradients are taken from.
 */
import { z } from 'zod'
import { checkRequest } from '../../requests.ts'
import type { Kernels } from '../interface/kernels.ts'
import { heapFootprint } from '../memory.ts'
import { blockKernels } from './blocks.ts'
import { fuseLists, packItems, scoreByVectors, topKByScores, topKBySums, topKByVectors } from './dense.ts'
import { linearKernels } from './linear.ts'
import { listwiseKernels } from './listwise.ts'
import { neighborKernels } from './neighbors.ts'
import { pairKernels } from './pairs.ts'
import { samplingKernels } from './sampling.ts'
import { statisticsKernels } from './statistics.ts'
import { sweepKernels } from './sweep.ts'
import { assignToCentroids, longestSharedPrefix, moveCentroids } from './trees.ts'
import { vectorKernels } from './vectors.ts'

const FIELDS = { precision: z.enum(['f32', 'f64']) }

/** @throws UsageError for another precision */
export function createReferenceKernels(precision: 'f32' | 'f64' = 'f64'): Kernels {
  checkRequest('createReferenceKernels', FIELDS, { precision })
  const memory = heapFootprint(precision)
  return {
    name: `reference ${precision}`,
    memory,
    threads: 1,
    close() {},
    ...linearKernels,
    ...samplingKernels,
    ...pairKernels,
    packItems,
    scoreByVectors,
    topKByVectors,
    topKByScores,
    topKBySums,
    fuseLists,
    assignToCentroids,
    longestSharedPrefix,
    moveCentroids,
    ...blockKernels,
    ...neighborKernels,
    ...vectorKernels,
    ...listwiseKernels,
    ...sweepKernels(memory),
    ...statisticsKernels,
  }
}
