/** What ranks, all that evaluation, candidates and serving know of a model; and what it is opened with. */
import type { Histories } from '../dataset/histories.ts'
import type { CsrMatrix, CsrPattern, Floats, Kernels, PackedItems } from '../kernels/interface/kernels.ts'
import type { DecayOptions } from './decay.ts'
import type { Tensor } from './safetensors.ts'
import type { StoredRecommender } from './stored.ts'

/** Rows that are ranked or scored: anybody with a history. */
export interface HistoryBlock {
  readonly histories: Histories
  /**
   * The user of the training data that each row is, −1 for anybody else; nobody is known when absent. Only models that keep
   * something of their own for each user look at it.
   */
  readonly users?: Int32Array
}

export interface RecommendRequest extends HistoryBlock {
  /** row → items that must not be recommended; always passed, never implied */
  readonly seen: CsrPattern
  readonly k: number
  /** [I], a permutation: of two equal scores the smaller rank wins */
  readonly tieRank: Int32Array
}

export interface Recommendations {
  readonly k: number
  /** [rows × k] internal ids, best first, −1 where too few items are left */
  readonly items: Int32Array
  /** along `items` */
  readonly scores: Float32Array
}

/**
 * Ranks for histories. Rows do not depend on each other: one alone gives the same bytes as among many. Good for the scope of
 * kernel memory in which it was made.
 */
export interface Recommender {
  /** that it was trained on */
  readonly users: number
  readonly items: number
  /** @throws RunError for a row that it cannot rank for, see `needsUsers` */
  recommend(request: RecommendRequest): Recommendations
  /** Fills `scores` [rows × I], in kernel memory, with what all items are ranked by; absent where that is known of a list's items only. */
  score?(block: HistoryBlock, scores: Floats): void
  /** [I × I] in kernel memory, where a score is the sum of the rows of the history's items */
  readonly weights?: CsrMatrix | DenseWeights
  /** how what is long ago counts less there */
  readonly decay?: DecayOptions
  /** where a score is an inner product with them */
  readonly itemVectors?: { readonly panels: PackedItems; readonly dimensions: number }
  /** the vectors of rows [rows × D] that these are multiplied by, in ordinary memory */
  vectors?(block: HistoryBlock): Float32Array
  /** those that a fused one is made from */
  readonly parts?: readonly Recommender[]
  /** Why items stand where they stand, in words, where a score is a sum that means something. */
  explain?(request: RecommendRequest, wanted: readonly number[]): Contribution[][]
  /** Of a fused one, for a request of one row: for each part, what it adds to the scores of some items. */
  addends?(request: RecommendRequest, items: readonly number[]): number[][]
  /** As arrays that `openStored` makes the same recommender from; absent where there is no way to write it down. */
  store?(): StoredRecommender
  /** why it ranks for the users and histories alone that it was trained on; absent when any history will do */
  readonly needsUsers?: string
}

/** A term of a score. */
export interface Contribution {
  readonly feature: string
  /** what it says of the item, after "because" */
  readonly meaning: string
  /** against the mean over the candidates that the item was compared with */
  readonly contribution: number
}

export interface DenseWeights {
  /** [I × stride] */
  readonly values: Floats
  readonly stride: number
}

/** What an opener works with. */
export interface OpenContext {
  readonly kernels: Kernels
  readonly options: StoredRecommender['options']
  /** @throws DataError when the model has no such tensor */
  tensor(name: string): Tensor['values']
  /** of all its tensors */
  readonly tensors: readonly string[]
  /** @throws DataError when the model has no such part */
  part(role: string): Recommender
}
