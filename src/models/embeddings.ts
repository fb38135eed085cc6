/** Embedding tables: their initialisation, and the recommender that final vectors make. */
import type { CsrPattern, Floats, Kernels } from '../kernels/interface/kernels.ts'
import { derive, randomStream } from '../random.ts'
import type { Parameter, Recommender, RecommendRequest } from './model.ts'
import { copyRowsOf, positionsOf } from './rows.ts'
import { openScorer, rankByScorer, type TrainedScorer } from './scorer.ts'

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
}

/**
 * Xavier-uniform, one table for users and one for items: U(−b, b) with b = sqrt(6 / (rows + D)).
 * @source Glorot & Bengio, AISTATS 2010
 */
export function initializeEmbeddings(
  values: Floats,
  users: number,
  items: number,
  dimensions: number,
  seed: number,
): void {
  const fill = (table: Floats, rows: number, name: string) => {
    const random = randomStream(derive(seed, 'initial', name))
    const bound = Math.sqrt(6 / (rows + dimensions))
    for (let i = 0; i < table.length; i++) table[i] = (2 * random.uniform() - 1) * bound
  }
  fill(values.subarray(0, users * dimensions), users, 'users')
  fill(values.subarray(users * dimensions), items, 'items')
}

/** A parameter over rows that start out in `values`, which is also the table that the forward pass reads. */
export function parameterOver(values: Floats, kernels: Kernels): Parameter {
  return { values, gradient: kernels.memory.floats(values.length) }
}

/** Ranks by inner products or the scorer; what a call needs of the vectors is copied into kernel memory for its length. */
export function embeddingRecommender(embeddings: Embeddings, kernels: Kernels): Recommender {
  const { users, items, dimensions, userVectors, itemVectors, scorer } = embeddings
  const { memory } = kernels
  return {
    users,
    items,
    recommend: request =>
      memory.scope(() => {
        const copied = memory.copy(itemVectors)
        if (!scorer) return rankByVectors(kernels, request, items, dimensions, userVectors, copied)
        const opened = openScorer(scorer, kernels, dimensions)
        return rankByScorer(kernels, request, opened, dimensions, memory.copy(userVectors), copied)
      }),
  }
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

/**
 * The rankings of a request; the result is in ordinary memory.
 * @param userVectors [U × D] anywhere: the rows of the request's users alone are copied
 * @param itemVectors [I × D] in kernel memory
 */
export function rankByVectors(
  kernels: Kernels,
  { users, seen, k, tieRank }: RecommendRequest,
  items: number,
  dimensions: number,
  userVectors: Floats,
  itemVectors: Floats,
) {
  const { memory } = kernels
  return memory.scope(() => {
    const own = memory.floats(users.length * dimensions)
    users.forEach((user, row) => {
      own.set(userVectors.subarray(user * dimensions, (user + 1) * dimensions), row * dimensions)
    })
    const ranking = { users: positionsOf(memory, users), items, seen: copyRowsOf(memory, seen, users) }
    const out = { k, items: memory.ints(users.length * k), scores: memory.floats(users.length * k) }
    kernels.topKByVectors({ ...ranking, tieRank: memory.copy(tieRank), userVectors: own, itemVectors, dimensions }, out)
    return { k, items: out.items.slice(), scores: Float32Array.from(out.scores) }
  })
}

/** A pattern in kernel memory. */
export function copyPattern(memory: Kernels['memory'], { offsets, indices }: CsrPattern): CsrPattern {
  return { offsets: memory.copy(offsets), indices: memory.copy(indices) }
}
