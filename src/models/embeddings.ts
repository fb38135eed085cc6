/** Embedding tables: their initialisation, and the recommender that final vectors make. */
import type { CsrPattern, Floats, Kernels } from '../kernels/kernels.ts'
import { derive, randomStream } from '../random.ts'
import type { Parameter, Recommender, RecommendRequest } from './model.ts'

/** What a trained embedding model is for ranking: score(u, i) = user vector · item vector. Ordinary memory. */
export interface Embeddings {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  /** [U × D] */
  readonly userVectors: Float32Array
  /** [I × D] */
  readonly itemVectors: Float32Array
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

/** Ranks by inner products; what a call needs of the vectors is copied into kernel memory for its length. */
export function embeddingRecommender(embeddings: Embeddings, kernels: Kernels): Recommender {
  const { users, items, dimensions, userVectors, itemVectors } = embeddings
  return {
    users,
    items,
    recommend: request =>
      kernels.memory.scope(() =>
        rankByVectors(kernels, request, items, dimensions, userVectors, kernels.memory.copy(itemVectors)),
      ),
  }
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

/** Some rows of a pattern, in kernel memory: row n is that of rows[n]. */
export function copyRowsOf(memory: Kernels['memory'], { offsets, indices }: CsrPattern, rows: Int32Array): CsrPattern {
  const ownOffsets = memory.ints(rows.length + 1)
  rows.forEach((row, at) => {
    ownOffsets[at + 1] = ownOffsets[at] + offsets[row + 1] - offsets[row]
  })
  const ownIndices = memory.ints(ownOffsets[rows.length])
  rows.forEach((row, at) => {
    ownIndices.set(indices.subarray(offsets[row], offsets[row + 1]), ownOffsets[at])
  })
  return { offsets: ownOffsets, indices: ownIndices }
}

/** 0 … length − 1, in kernel memory: the rows of arrays that hold these alone. */
export function positionsOf(memory: Kernels['memory'], { length }: Int32Array): Int32Array {
  const positions = memory.ints(length)
  for (let at = 0; at < length; at++) positions[at] = at
  return positions
}
