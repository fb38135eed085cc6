/** Embedding tables: their initialisation, and the recommender that final vectors make. */
import type { Dataset } from '../dataset/dataset.ts'
import { rowsOf } from '../dataset/histories.ts'
import { RunError } from '../errors.ts'
import type { CsrPattern, Floats, Kernels } from '../kernels/interface/kernels.ts'
import { derive, randomStream } from '../random.ts'
import { type FoldIn, type Propagated, propagationFoldIn, ridgeFoldIn } from './fold-in.ts'
import type { HistoryBlock, Parameter, Recommendations, Recommender, RecommendRequest } from './model.ts'
import { copyHistories, copyPattern, positionsOf } from './rows.ts'
import { openScorer, rankByScorer, scoreByScorer, type TrainedScorer } from './scorer.ts'

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
}

/** For vectors that were not made by least squares. */
const RIDGE = { unobservedWeight: 0.02, regularization: 0.01 }

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

/**
 * Ranks by inner products or the scorer. A row that is a user with the very history that was trained on has the trained
 * vector; others are folded in.
 * @param train what the vectors were trained on
 * @param foldIn how other histories get vectors; that of a model of the kind when absent. A model with a scorer has none, and refuses
 *   them.
 */
export function embeddingRecommender(
  embeddings: Embeddings,
  kernels: Kernels,
  train: Pick<Dataset, 'byUser'>,
  foldIn = foldInOf(embeddings, kernels),
): Recommender {
  const { users, items, dimensions, itemVectors, scorer } = embeddings
  const { memory } = kernels
  const needsUsers = foldIn
    ? undefined
    : 'its vectors belong to the users it was trained on, with the histories it was trained on'
  /** [rows × D] in kernel memory */
  const vectorsOf = (block: HistoryBlock): Floats => {
    const { vectors, others } = trainedVectors(embeddings, memory, train.byUser, block)
    if (others.length === 0) return vectors
    if (!foldIn) throw new RunError(`row ${others[0]} is no user with the history that was trained on: ${needsUsers}`)
    memory.scope(() => {
      const own = memory.floats(others.length * dimensions)
      const histories = copyHistories(memory, rowsOf(block.histories, others))
      foldIn({ histories, users: others.map(row => block.users?.[row] ?? -1) }, own)
      others.forEach((row, at) => {
        vectors.set(own.subarray(at * dimensions, (at + 1) * dimensions), row * dimensions)
      })
    })
    return vectors
  }
  return {
    users,
    items,
    recommend: request =>
      memory.scope(() => {
        const vectors = vectorsOf(request)
        const copied = memory.copy(itemVectors)
        return scorer
          ? rankByScorer(kernels, request, openScorer(scorer, kernels, dimensions), dimensions, vectors, copied)
          : rankByVectors(kernels, request, dimensions, vectors, copied)
      }),
    score: (block, scores) =>
      memory.scope(() => {
        const vectors = vectorsOf(block)
        const copied = memory.copy(itemVectors)
        if (scorer) scoreByScorer(openScorer(scorer, kernels, dimensions), dimensions, vectors, copied)(0, scores)
        else scoreByVectors(kernels, dimensions, vectors, copied, scores)
      }),
    ...(needsUsers !== undefined && { needsUsers }),
  }
}

function foldInOf({ scorer, propagated, itemVectors, dimensions }: Embeddings, kernels: Kernels): FoldIn | undefined {
  if (scorer) return
  if (propagated) return propagationFoldIn(kernels, propagated, dimensions)
  return ridgeFoldIn(kernels, itemVectors, dimensions, RIDGE)
}

/** The vectors of the rows that are users with the history that was trained on, and which rows are not. */
function trainedVectors(
  { dimensions, userVectors }: Embeddings,
  memory: Kernels['memory'],
  trained: CsrPattern,
  { histories, users }: HistoryBlock,
) {
  const count = histories.offsets.length - 1
  const vectors = memory.floats(count * dimensions)
  const others: number[] = []
  for (let row = 0; row < count; row++) {
    const user = users?.[row] ?? -1
    if (user >= 0 && !histories.values && sameRow(trained, user, histories, row))
      vectors.set(userVectors.subarray(user * dimensions, (user + 1) * dimensions), row * dimensions)
    else others.push(row)
  }
  return { vectors, others: Int32Array.from(others) }
}

function sameRow(a: CsrPattern, row: number, b: CsrPattern, other: number): boolean {
  const [from, to] = [a.offsets[row], b.offsets[other]]
  const length = a.offsets[row + 1] - from
  if (b.offsets[other + 1] - to !== length) return false
  for (let at = 0; at < length; at++) if (a.indices[from + at] !== b.indices[to + at]) return false
  return true
}

/** scores [rows × I] = vectors · itemVectorsᵀ. */
function scoreByVectors(kernels: Kernels, dimensions: number, vectors: Floats, itemVectors: Floats, scores: Floats) {
  const { memory } = kernels
  const [rows, items] = [vectors, itemVectors].map(({ length }) => length / dimensions)
  const columns = Math.ceil(items / 4) * 4
  const [padded, turned] = [memory.floats(columns * dimensions), memory.floats(dimensions * columns)]
  const products = memory.floats(rows * columns)
  padded.set(itemVectors)
  kernels.transpose(padded, columns, dimensions, turned)
  kernels.multiply(vectors, turned, products, { rows, inner: dimensions, columns })
  for (let row = 0; row < rows; row++) scores.set(products.subarray(row * columns, row * columns + items), row * items)
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
 * @param vectors [rows × D] and itemVectors [I × D] in kernel memory
 */
export function rankByVectors(
  kernels: Kernels,
  { histories, seen, k, tieRank }: RecommendRequest,
  dimensions: number,
  vectors: Floats,
  itemVectors: Floats,
): Recommendations {
  const { memory } = kernels
  return memory.scope(() => {
    const rows = histories.offsets.length - 1
    const out = { k, items: memory.ints(rows * k), scores: memory.floats(rows * k) }
    kernels.topKByVectors(
      {
        users: positionsOf(memory, rows),
        items: itemVectors.length / dimensions,
        seen: copyPattern(memory, seen),
        tieRank: memory.copy(tieRank),
        userVectors: vectors,
        itemVectors,
        dimensions,
      },
      out,
    )
    return { k, items: out.items.slice(), scores: Float32Array.from(out.scores) }
  })
}
