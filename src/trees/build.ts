/** Both index trees of a data set: the structural view's and the semantic view's. */
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import { UsageError } from '../errors.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { parseOptions } from '../options.ts'
import { derive } from '../random.ts'
import {
  callable,
  checkRequest,
  codes as codesShape,
  dataset,
  floats,
  kernels as kernelsShape,
  plainObject,
  seed as seedShape,
  signal as signalShape,
} from '../requests.ts'
import type { ViewCodes } from './codes.ts'
import { type TreeOptions, treeOptions } from './options.ts'
import { type StructuralView, structuralView } from './structural.ts'
import { buildTree, type ItemTree } from './tree.ts'

export type { ViewCodes } from './codes.ts'

export interface TreesRequest {
  readonly train: Dataset
  /** [I × D], the base model's pooled item embeddings, in ordinary memory */
  readonly itemVectors: Float32Array
  readonly kernels: Kernels
  readonly options?: Partial<TreeOptions>
  readonly seed: number
  readonly signal?: AbortSignal
  readonly progress?: (event: TreeEvent) => void
}

const FIELDS = {
  ...{ train: dataset, itemVectors: floats, kernels: kernelsShape, options: plainObject.optional(), seed: seedShape },
  ...{ signal: signalShape.optional(), progress: callable.optional() },
} satisfies Record<keyof TreesRequest, z.ZodType>

export interface TreeEvent {
  readonly view: 'structural' | 'semantic'
  readonly step: 'eigenvectors' | 'tree'
  /** eigenvectors found, or items in their leaf */
  readonly done: number
  readonly total: number
}

export interface StructuralTree extends ItemTree {
  readonly eigen: StructuralView['eigen']
}

export interface Trees {
  readonly structural: StructuralTree
  readonly semantic: ItemTree
}

/**
 * The structural tree from who interacts with what, the semantic tree from the vectors that a base model learned.
 * A function of data, vectors, options and seed: bit-identical everywhere.
 * @throws UsageError when `itemVectors` does not hold one vector per item; RunError when it is not finite or the
 *   eigenvectors are not found; whatever `signal` aborts with
 */
export async function buildTrees(request: TreesRequest): Promise<Trees> {
  checkRequest('buildTrees', FIELDS, request)
  const { train, itemVectors, kernels, seed, signal, progress } = request
  const { eigenvectors, ...options } = parseOptions(treeOptions, request.options, 'trees')
  const semanticDimensions = itemVectors.length / train.items
  if (!Number.isInteger(semanticDimensions))
    throw new UsageError(`trees: ${itemVectors.length} numbers are not one vector for each of ${train.items} items`)
  const report = (view: TreeEvent['view'], step: TreeEvent['step']) => (done: number, total: number) =>
    progress?.({ view, step, done, total })
  const tree = (name: TreeEvent['view'], vectors: Float32Array, dimensions: number, orphans?: Int32Array) =>
    buildTree({
      vectors,
      items: train.items,
      dimensions,
      ...(orphans && { orphans }),
      kernels,
      options,
      seed,
      name,
      signal,
      progress: report(name, 'tree'),
    })

  const { vectors, dimensions, orphans, eigen } = await structuralView({
    train,
    eigenvectors,
    kernels,
    key: derive(seed, 'eigenvectors'),
    signal,
    progress: report('structural', 'eigenvectors'),
  })
  return {
    structural: { ...(await tree('structural', vectors, dimensions, orphans)), eigen },
    semantic: await tree('semantic', itemVectors, semanticDimensions),
  }
}

const TREE = z.object({ codes: codesShape })
const OF_TREES = { trees: z.object({ structural: TREE, semantic: TREE }) }

/** The codes of both trees. @throws UsageError for what are no trees */
export function codesOf(trees: Trees): ViewCodes {
  checkRequest('codesOf', OF_TREES, { trees })
  const { structural, semantic } = trees
  return { structural: structural.codes, semantic: semantic.codes }
}
