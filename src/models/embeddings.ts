/** Embedding tables: their initialisation, and the recommender that final vectors make. */
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import { UsageError } from '../errors.ts'
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import { integer } from '../options.ts'
import { derive, fillUniform } from '../random.ts'
import { checkRequest, floats, kernels as kernelsShape, pattern } from '../requests.ts'
import { type DecayOptions, NO_DECAY } from './decay.ts'
import { type Propagated, type RidgeOptions, weightedGram } from './fold-in.ts'
import type { Draw, ModelTables, Parameter, TrainedScorer } from './model.ts'
import type { Recommender } from './recommender.ts'
import { packVectors } from './rows.ts'
import { openScorer, scorerRecommender } from './scored.ts'
import { vectorRecommender } from './vectors.ts'

/** What a trained embedding model is for ranking: score(u, i) = user vector · item vector, or what its scorer says. Ordinary memory. */
export interface Embeddings {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  /** [U × D] */
  readonly userVectors: Float32Array
  /** [I × D] */
  readonly itemVectors: Float32Array
  /** of a model whose scores are no inner products */
  readonly scorer?: TrainedScorer
  /** of a model that propagates without weights */
  readonly propagated?: Propagated
  /** how other models fold histories in */
  readonly ridge?: RidgeOptions
  /** by which what is long ago counts less */
  readonly recency?: DecayOptions
}

export const embeddingsShape = z.object({
  ...{ users: integer(0), items: integer(0), dimensions: integer(1), userVectors: floats, itemVectors: floats },
})
const FIELDS = {
  ...{ embeddings: embeddingsShape, kernels: kernelsShape, train: z.object({ byUser: pattern }) },
  recency: z.object({ decay: z.number(), halfLife: z.number() }),
}

/** @throws UsageError for tables that are not of the users, items and dimensions that stand beside them */
export function checkTables(owner: string, { users, items, dimensions, userVectors, itemVectors }: Embeddings): void {
  for (const [name, rows, { length }] of [
    ['userVectors', users, userVectors],
    ['itemVectors', items, itemVectors],
  ] as const)
    if (length !== rows * dimensions)
      throw new UsageError(
        `${owner}: embeddings.${name}: expected ${rows} vectors of ${dimensions} dimensions, got ${length} numbers`,
      )
}

/** For vectors that were not made by least squares; on validation data of LastFM, MF folded in so is ahead of the trained vectors. */
const RIDGE: RidgeOptions = { unobservedWeight: 0.1, regularization: 0.1 }
/** For those of models that propagate; of α .01, .03, .1 and λ α I of 3 to 100, near the best on validation data of Sports. */
const PROPAGATED_RIDGE: RidgeOptions = { unobservedWeight: 0.03, regularization: 0.05 }

/** One table for users and one for items. */
export function initializeEmbeddings(
  values: Floats,
  users: number,
  items: number,
  dimensions: number,
  draw: Draw,
): void {
  initializeRows(values.subarray(0, users * dimensions), users, dimensions, draw, 'users')
  initializeRows(values.subarray(users * dimensions), items, dimensions, draw, 'items')
}

export function initializeRows(
  table: Floats,
  rows: number,
  dimensions: number,
  { seed, initialDeviation }: Draw,
  name: 'users' | 'items' | 'histories',
): void {
  fillUniform(table, initialBound(rows, dimensions, initialDeviation), derive(seed, 'initial', name))
}

/**
 * b of U(−b, b), whose deviation is b / √3. Xavier-uniform: sqrt(6 / (rows + D)).
 * @source Glorot & Bengio, AISTATS 2010
 */
export function initialBound(rows: number, dimensions: number, deviation = 0): number {
  return deviation > 0 ? Math.sqrt(3) * deviation : Math.sqrt(6 / (rows + dimensions))
}

/** A parameter over rows that start out in `values`, which is also the table that the forward pass reads. */
export function parameterOver(values: Floats, kernels: Kernels): Parameter {
  return { values, gradient: kernels.memory.floats(values.length) }
}

/**
 * Ranks by inner products or the scorer. A row that is a user with the very history that was trained on has the trained
 * vector; others are folded in, but for a model with a scorer, which refuses them.
 * @param train what the vectors were trained on
 * @param recency by which what is long ago counts less, that of the embeddings when absent; then all histories are folded in, since what was trained knows no order
 * @throws UsageError for tables that are not of the users, items and dimensions beside them
 */
export function embeddingRecommender(
  embeddings: Embeddings,
  kernels: Kernels,
  train: Pick<Dataset, 'byUser'>,
  recency: DecayOptions = embeddings?.recency ?? NO_DECAY,
): Recommender {
  checkRequest('embeddingRecommender', FIELDS, { embeddings, kernels, train, recency })
  checkTables('embeddingRecommender', embeddings)
  const { byUser: trained } = train
  const { decay, halfLife } = recency
  const { users, items, dimensions, itemVectors, scorer, propagated } = embeddings
  if (scorer) return scorerRecommender(kernels, { ...embeddings, scorer, trained })
  const ridge = embeddings.ridge ?? (propagated ? PROPAGATED_RIDGE : RIDGE)
  const { memory } = kernels
  const gramOf = () => {
    const gram = memory.floats(dimensions * dimensions)
    memory.scope(() => {
      weightedGram(kernels, memory.resident(itemVectors), dimensions, ridge.unobservedWeight, gram)
    })
    return gram
  }
  return vectorRecommender(kernels, {
    ...{ users, items, dimensions, trained, userVectors: embeddings.userVectors, decay: { decay, halfLife } },
    panels: packVectors(kernels, itemVectors, dimensions),
    ridge: { ...ridge, gram: gramOf(), gramItems: items },
    ...(propagated && { propagated }),
  })
}

/** The same in kernel memory, as a model of one hop has them. */
export function tablesOf(
  { users, items, dimensions, userVectors, itemVectors, scorer }: Embeddings,
  kernels: Kernels,
): ModelTables {
  const vectors = kernels.memory.floats((users + items) * dimensions)
  vectors.set(userVectors)
  vectors.set(itemVectors, users * dimensions)
  const opened = scorer && { scorer: openScorer(scorer, kernels, dimensions) }
  return { users, items, dimensions, hops: 1, hop: vectors, pooled: vectors, ...opened }
}

/** The scores of some pairs, along `users` and `items`. */
export function scorePairsBy(
  { dimensions, userVectors, itemVectors, scorer }: Embeddings,
  kernels: Kernels,
  users: Int32Array,
  items: Int32Array,
): Float32Array {
  const rowOf = (table: Float32Array, row: number) => table.subarray(row * dimensions, (row + 1) * dimensions)
  if (!scorer)
    return Float32Array.from(users, (user, at) => {
      const [left, right] = [rowOf(userVectors, user), rowOf(itemVectors, items[at])]
      return left.reduce((sum, value, d) => sum + value * right[d], 0)
    })
  const { memory } = kernels
  return memory.scope(() => {
    const gather = (table: Float32Array, rows: Int32Array) => {
      const out = memory.floats(rows.length * dimensions)
      rows.forEach((row, at) => {
        out.set(rowOf(table, row), at * dimensions)
      })
      return out
    }
    const scores = memory.floats(users.length)
    const opened = openScorer(scorer, kernels, dimensions)
    opened.score(gather(userVectors, users), gather(itemVectors, items), 1, scores)
    return Float32Array.from(scores)
  })
}
