/** The recommender that vectors make: score(u, i) = user vector · item vector. */
import { rowsOf } from '../dataset/histories.ts'
import type { CsrPattern, Floats, Kernels, PackedItems } from '../kernels/interface/kernels.ts'
import { type DecayOptions, decayed, isLasting } from './decay.ts'
import { type FoldIn, type Propagated, propagationFoldIn, type RidgeOptions, ridgeFoldIn } from './fold-in.ts'
import type { HistoryBlock, OpenContext, Recommendations, Recommender, RecommendRequest } from './recommender.ts'
import { positionsOf, rankedLists, residentHistories, residentPattern } from './rows.ts'
import type { StoredRecommender } from './stored.ts'

export interface VectorModel {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  /** [U × D], anywhere */
  readonly userVectors: Floats
  /** in kernel memory */
  readonly panels: PackedItems
  /** the histories that the users' vectors were trained with */
  readonly trained: CsrPattern
  /** how other histories get vectors */
  readonly ridge: Ridge
  /** how those of users who were trained get them, where the model propagates */
  readonly propagated?: Propagated
  /** by which what is long ago counts less */
  readonly decay: DecayOptions
}

export interface Ridge extends RidgeOptions {
  /** [D × D] in kernel memory, α times that of the vectors of `gramItems` items */
  readonly gram: Floats
  readonly gramItems: number
}

/**
 * A row that is a user with the very history that was trained on has the trained vector; others are folded in, and all of them
 * where what is long ago counts less.
 */
export function vectorRecommender(kernels: Kernels, model: VectorModel): Recommender {
  const { users, items, dimensions, panels } = model
  const { memory } = kernels
  const vectorsOf = userVectors(kernels, model, foldInOf(kernels, model))
  return {
    users,
    items,
    recommend: request =>
      memory.scope(() => rankByVectors(kernels, request, items, dimensions, vectorsOf(request), panels)),
    score: (block, scores) => memory.scope(() => kernels.scoreByVectors(vectorsOf(block), panels, dimensions, scores)),
    store: () => storeVectors(model),
    itemVectors: { panels, dimensions },
    vectors: block => memory.scope(() => Float32Array.from(vectorsOf(block))),
  }
}

/** Propagation needs a vector that was trained: for anybody else least squares are ahead of it, see docs/results/new-users.md. */
function foldInOf(kernels: Kernels, { ridge, propagated, panels, dimensions }: VectorModel): FoldIn {
  const solve = ridgeFoldIn(kernels, panels, ridge.gramItems, ridge.gram, ridge)
  if (!propagated) return solve
  const propagate = propagationFoldIn(kernels, propagated, dimensions)
  const { memory } = kernels
  return (block, out) => {
    const rows = Array.from({ length: block.histories.offsets.length - 1 }, (_, row) => row)
    const isKnown = (row: number) => (block.users?.[row] ?? -1) >= 0
    for (const [own, foldIn] of [
      [rows.filter(isKnown), propagate],
      [rows.filter(row => !isKnown(row)), solve],
    ] as const)
      if (own.length > 0)
        memory.scope(() => {
          const vectors = memory.floats(own.length * dimensions)
          const histories = residentHistories(memory, rowsOf(block.histories, Int32Array.from(own)))
          foldIn({ histories, users: Int32Array.from(own, row => block.users?.[row] ?? -1) }, vectors)
          own.forEach((row, at) => {
            out.set(vectors.subarray(at * dimensions, (at + 1) * dimensions), row * dimensions)
          })
        })
  }
}

/**
 * What gives the vectors of a block [rows × D], in kernel memory.
 * @param foldIn refuses rows that it has no vectors for
 */
export function userVectors(
  { memory }: Kernels,
  { userVectors, dimensions, trained, decay }: Pick<VectorModel, 'userVectors' | 'dimensions' | 'trained' | 'decay'>,
  foldIn: FoldIn,
): (block: HistoryBlock) => Floats {
  return ({ histories, users }) => {
    const rows = histories.offsets.length - 1
    const vectors = memory.floats(rows * dimensions)
    const others: number[] = []
    for (let row = 0; row < rows; row++) {
      const user = users?.[row] ?? -1
      if (isLasting(decay) && user >= 0 && !histories.values && sameRow(trained, user, histories, row))
        vectors.set(userVectors.subarray(user * dimensions, (user + 1) * dimensions), row * dimensions)
      else others.push(row)
    }
    if (others.length === 0) return vectors
    memory.scope(() => {
      const own = memory.floats(others.length * dimensions)
      const block = decayed(memory, residentHistories(memory, rowsOf(histories, Int32Array.from(others))), decay)
      foldIn({ histories: block, users: Int32Array.from(others, row => trainedUser(trained, users?.[row] ?? -1)) }, own)
      others.forEach((row, at) => {
        vectors.set(own.subarray(at * dimensions, (at + 1) * dimensions), row * dimensions)
      })
    })
    return vectors
  }
}

/** A user of whom nothing was trained on has nothing but what was drawn. */
function trainedUser({ offsets }: CsrPattern, user: number): number {
  return user >= 0 && offsets[user + 1] > offsets[user] ? user : -1
}

function sameRow(a: CsrPattern, row: number, b: CsrPattern, other: number): boolean {
  const [from, to] = [a.offsets[row], b.offsets[other]]
  const length = a.offsets[row + 1] - from
  if (b.offsets[other + 1] - to !== length) return false
  for (let at = 0; at < length; at++) if (a.indices[from + at] !== b.indices[to + at]) return false
  return true
}

/**
 * The rankings of a request; the result is in ordinary memory.
 * @param vectors [rows × D] and itemVectors [I × D] in kernel memory
 */
export function rankByVectors(
  kernels: Kernels,
  { histories, seen, k, tieRank }: RecommendRequest,
  items: number,
  dimensions: number,
  vectors: Floats,
  itemVectors: Floats | PackedItems,
): Recommendations {
  const { memory } = kernels
  const rows = histories.offsets.length - 1
  return rankedLists(memory, rows, k, out => {
    const request = { items, seen: residentPattern(memory, seen), tieRank: memory.resident(tieRank) }
    const vectorRequest = { ...request, userVectors: vectors, itemVectors, dimensions }
    kernels.topKByVectors({ ...vectorRequest, users: positionsOf(memory, rows) }, out)
  })
}

function storeVectors(model: VectorModel): StoredRecommender {
  const { users, items, dimensions, userVectors, panels, trained, propagated, decay } = model
  const matrix = (rows: number, values: Floats) => ({ shape: [rows, dimensions], values: Float32Array.from(values) })
  const { gram, gramItems, unobservedWeight, regularization } = model.ridge
  const { regularizeUnobserved = 1, regularizationExponent = 1 } = model.ridge
  return {
    kind: 'vectors',
    options: {
      ...{ users, items, dimensions, gramItems, unobservedWeight, regularization, ...decay },
      ...{ regularizeUnobserved, regularizationExponent },
      ...(propagated && { hops: propagated.hops }),
    },
    tensors: {
      user_vectors: matrix(users, userVectors),
      item_panels: { shape: [Math.ceil(items / 8), dimensions, 8], values: Float32Array.from(panels.packed) },
      trained_offsets: { shape: [users + 1], values: trained.offsets },
      trained_items: { shape: [trained.indices.length], values: trained.indices },
      fold_gram: matrix(dimensions, gram),
      ...(propagated && { fold_users: matrix(users, propagated.users), fold_items: matrix(items, propagated.items) }),
    },
  }
}

export function openVectors({ kernels, options, tensor }: OpenContext): Recommender {
  const { memory } = kernels
  const { users, items, dimensions, hops, decay, halfLife } = options as Record<string, number>
  const { gramItems, unobservedWeight, regularization, regularizeUnobserved, regularizationExponent } =
    options as Record<string, number>
  const floats = (name: string) => tensor(name) as Float32Array
  const gram = memory.resident(floats('fold_gram'))
  return vectorRecommender(kernels, {
    ...{ users, items, dimensions, userVectors: floats('user_vectors'), decay: { decay, halfLife } },
    ridge: { unobservedWeight, regularization, regularizeUnobserved, regularizationExponent, gramItems, gram },
    ...(hops !== undefined && { propagated: { hops, users: floats('fold_users'), items: floats('fold_items') } }),
    panels: { packed: memory.resident(floats('item_panels')) },
    trained: { offsets: tensor('trained_offsets') as Int32Array, indices: tensor('trained_items') as Int32Array },
  })
}
