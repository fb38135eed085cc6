/** What a model in training ranks by: its vectors, or those of the items at length 1. */
import { UsageError } from '../errors.ts'
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import type { EmbeddingModel, Scorer } from '../models/model.ts'
import type { TrainingOptions } from './options.ts'

/** The model's vectors where they are, in kernel memory: good until the next step. */
export interface EmbeddingView {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  readonly userVectors: Floats
  readonly itemVectors: Floats
  /** of a model whose scores are no inner products */
  readonly scorer?: Scorer
}

/**
 * A list of a user by cosines is that by inner products with items of length 1: the length of the user changes no order.
 * @throws UsageError for cosines of a model whose scores are no inner products
 */
export function createRanked({ tables }: EmbeddingModel, kernels: Kernels, rankBy: TrainingOptions['rankBy']) {
  const { users, items, dimensions, pooled, scorer } = tables
  const itemVectors = pooled.subarray(users * dimensions)
  const byCosine = rankBy === 'cosine'
  if (byCosine && scorer)
    throw new UsageError('--rank-by cosine compares vectors, and this model scores pairs by a network: leave it out')
  const units = kernels.memory.floats(byCosine ? itemVectors.length : 0)
  const norms = kernels.memory.floats(byCosine ? items : 0)
  const normalize = () => {
    if (byCosine) kernels.normalizeRows(itemVectors, dimensions, units, norms)
  }
  return {
    view(): EmbeddingView {
      normalize()
      const userVectors = pooled.subarray(0, users * dimensions)
      return {
        users,
        items,
        dimensions,
        userVectors,
        itemVectors: byCosine ? units : itemVectors,
        ...(scorer && { scorer }),
      }
    },
    /** Rewrites the items of a copy [(U + I) × D] of the pooled vectors. */
    keep(copy: Float32Array): void {
      normalize()
      if (byCosine) copy.set(units, users * dimensions)
    },
  }
}
