/** The ranking of one row, as plain lists of internal ids and scores. */
import type { Histories } from '../../dataset/histories.ts'
import type { Recommender, RecommendRequest } from '../../models/recommender.ts'

export interface Ranked {
  readonly items: readonly number[]
  /** along `items`, best first */
  readonly scores: readonly number[]
}

export interface OneRow {
  readonly history: Histories
  readonly user: number
  readonly hidden: Int32Array
  readonly k: number
  readonly tieRank: Int32Array
}

export function requestOf({ history, user, hidden, k, tieRank }: OneRow): RecommendRequest {
  return {
    ...{ histories: history, users: Int32Array.of(user), k, tieRank },
    seen: { offsets: Int32Array.of(0, hidden.length), indices: hidden },
  }
}

/** @param row `k` is no more than there are items left */
export function rankOne(recommender: Recommender, row: OneRow): Ranked {
  const found = recommender.recommend(requestOf(row))
  // pushed one by one: Array.from of a typed array takes an iterator's steps
  const ranked = { items: [] as number[], scores: [] as number[] }
  for (let place = 0; place < found.k && found.items[place] >= 0; place++) {
    ranked.items.push(found.items[place])
    ranked.scores.push(found.scores[place])
  }
  return ranked
}
