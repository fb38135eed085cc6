/** The best items of each user. */
import type { CsrPattern, Floats, SparseRows } from './types.ts'

export interface RankingKernels {
  /**
   * Item vectors [I × D] in the layout that rankings read, [⌈I / 8⌉ × D × 8]: packed[i / 8][d][i % 8], missing items 0. Done
   * once, it saves each call of `topKByVectors` the same work.
   */
  packItems(itemVectors: Floats, dimensions: number, { packed }: PackedItems): void
  /**
   * The k best items for each of `users` by the inner product of userVectors [· × D] and itemVectors [I × D], without
   * the items in `seen` (user → items). Ties go to the smaller `tieRank` [I]. −1 fills a list with too few items.
   */
  topKByVectors(request: VectorRanking, out: TopK): void
  /** scores [rows × I] = userVectors [rows × D] · item vectors, to the bits that `topKByVectors` ranks by. */
  scoreByVectors(userVectors: Floats, itemVectors: PackedItems, dimensions: number, scores: Floats): void
  /** The rankings of `topKByVectors` from given scores [users.length × I]. */
  topKByScores(request: ScoreRanking, out: TopK): void
  /** The rankings of `topKByScores` by the sums of `sumSparseRows`, to the bit, row r of `chosen` being that of users[r]. */
  topKBySums(request: SumRanking, out: TopK): void
  /**
   * Two lists of each row, of as many places, as one: an item's score is Σ weight · (s − min) / (max − min) over the lists, max and min
   * those of the first `depth` places, in f64; 0 for a list without the item among them, or whose scores there are all equal. Items
   * of both lists come into question. Ties go to the smaller `tieRank` [I].
   */
  fuseLists(first: WeightedLists, second: WeightedLists, depth: number, tieRank: Int32Array, out: TopK): void
}

export interface WeightedLists extends TopK {
  readonly weight: number
}

export interface RankingRequest {
  /** rows of `seen`, one a ranking */
  readonly users: Int32Array
  readonly items: number
  readonly seen: CsrPattern
  readonly tieRank: Int32Array
}

export interface VectorRanking extends RankingRequest {
  readonly userVectors: Floats
  /** as rows, or as `packItems` has them */
  readonly itemVectors: Floats | PackedItems
  readonly dimensions: number
}

export interface PackedItems {
  readonly packed: Floats
}

export interface ScoreRanking extends RankingRequest {
  readonly scores: Floats
}

export interface SumRanking extends RankingRequest {
  /** [users.length × I] */
  readonly chosen: SparseRows
  /** [I × I] */
  readonly matrix: SparseRows
}

/** k items and scores a user, best first: [users.length × k] each. */
export interface TopK {
  readonly k: number
  readonly items: Int32Array
  readonly scores: Floats
}
