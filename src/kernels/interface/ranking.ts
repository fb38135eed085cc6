/** The best items of each user. */
import type { CsrPattern, Floats } from './kernels.ts'

export interface RankingKernels {
  /**
   * The k best items for each of `users` by the inner product of userVectors [· × D] and itemVectors [I × D], without
   * the items in `seen` (user → items). Ties go to the smaller `tieRank` [I]. −1 fills a list with too few items.
   */
  topKByVectors(request: VectorRanking, out: TopK): void
  /** The same from given scores [users.length × I]. */
  topKByScores(request: ScoreRanking, out: TopK): void
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
  readonly itemVectors: Floats
  readonly dimensions: number
}

export interface ScoreRanking extends RankingRequest {
  readonly scores: Floats
}

/** k items and scores a user, best first: [users.length × k] each. */
export interface TopK {
  readonly k: number
  readonly items: Int32Array
  readonly scores: Floats
}
