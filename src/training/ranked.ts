/** What a model in training ranks by: its vectors, or those of the items at length 1. */
import { UsageError } from '../errors.ts'
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import type { EmbeddingModel, Scorer } from '../models/model.ts'
import type { TrainingOptions } from './options.ts'
import type { OutsideUsers } from './outside-users.ts'
import { createRowCopies } from './row-copies.ts'

/** The model's vectors where they are: good until the next step. */
export interface EmbeddingView {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  /** [U × D], in kernel memory unless there is `gatherUsers` */
  readonly userVectors: Floats
  /** Copies the vectors of some users into kernel memory, `out` [· × D]. */
  readonly gatherUsers?: (users: Int32Array, out: Floats) => void
  /** in kernel memory */
  readonly itemVectors: Floats
  /** of a model whose scores are no inner products */
  readonly scorer?: Scorer
}

/** Where the vectors are that a model ends with. */
export interface FinalVectors {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  /** [U × D], in kernel memory unless `outside` */
  readonly userVectors: Floats
  /** [I × D], in kernel memory */
  readonly itemVectors: Floats
  readonly outside: boolean
  readonly scorer?: Scorer
}

export function finalVectors({ tables }: EmbeddingModel, users: number, outside?: OutsideUsers): FinalVectors {
  const { items, dimensions, pooled, scorer } = tables
  const place = tables.users * dimensions
  return {
    ...{ users, items, dimensions, outside: outside !== undefined },
    userVectors: outside?.arrays.embeddings ?? pooled.subarray(0, place),
    itemVectors: pooled.subarray(place),
    ...(scorer && { scorer }),
  }
}

/**
 * A list of a user by cosines is that by inner products with items of length 1: the length of the user changes no order.
 * @throws UsageError for cosines of a model whose scores are no inner products
 */
export function createRanked(vectors: FinalVectors, kernels: Kernels, rankBy: TrainingOptions['rankBy']) {
  const { users, items, dimensions, userVectors, itemVectors, outside, scorer } = vectors
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
      return {
        users,
        items,
        dimensions,
        userVectors,
        ...(outside && {
          gatherUsers: (chosen, out) =>
            createRowCopies(userVectors as Float32Array, out, dimensions).gather(chosen, chosen.length),
        }),
        itemVectors: byCosine ? units : itemVectors,
        ...(scorer && { scorer }),
      }
    },
    /** Rewrites a copy of the item vectors. */
    keep(copy: Float32Array): void {
      normalize()
      if (byCosine) copy.set(units)
    },
  }
}
