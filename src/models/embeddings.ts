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

/** Ranks by inner products; the vectors are copied into kernel memory for the length of a call. */
export function embeddingRecommender(embeddings: Embeddings, kernels: Kernels): Recommender {
  const { users, items, dimensions, userVectors, itemVectors } = embeddings
  return {
    users,
    items,
    recommend: request =>
      kernels.memory.scope(() =>
        rankByVectors(
          kernels,
          request,
          items,
          dimensions,
          kernels.memory.copy(userVectors),
          kernels.memory.copy(itemVectors),
        ),
      ),
  }
}

/** The rankings of a request from vectors in kernel memory; the result is in ordinary memory. */
export function rankByVectors(
  kernels: Kernels,
  request: RecommendRequest,
  items: number,
  dimensions: number,
  userVectors: Floats,
  itemVectors: Floats,
) {
  const { memory } = kernels
  return memory.scope(() => {
    const { users, k } = request
    const out = { k, items: memory.ints(users.length * k), scores: memory.floats(users.length * k) }
    const ranking = rankingOf(kernels, request, items)
    kernels.topKByVectors({ ...ranking, userVectors, itemVectors, dimensions }, out)
    return { k, items: out.items.slice(), scores: Float32Array.from(out.scores) }
  })
}

function rankingOf({ memory }: Kernels, { users, seen, tieRank }: RecommendRequest, items: number) {
  return { users: memory.copy(users), items, seen: copyPattern(memory, seen), tieRank: memory.copy(tieRank) }
}

/** A pattern in kernel memory. */
export function copyPattern(memory: Kernels['memory'], { offsets, indices }: CsrPattern): CsrPattern {
  return { offsets: memory.copy(offsets), indices: memory.copy(indices) }
}
