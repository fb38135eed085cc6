/** Recommendations in external ids. */
import type { ExternalId, Vocabulary } from '../dataset/dataset.ts'
import { type Histories, rowsOf } from '../dataset/histories.ts'
import { UsageError } from '../errors.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import type { Recommender } from '../models/model.ts'
import { tieRanks } from '../models/ties.ts'

export interface Recommendation {
  readonly user: ExternalId
  /** 1 is the best */
  readonly rank: number
  readonly item: ExternalId
  readonly score: number
}

export interface ServingModel {
  readonly recommender: Recommender
  readonly userIds: Vocabulary
  readonly itemIds: Vocabulary
  /** of all users: what they are ranked from */
  readonly histories: Histories
  /** user → items that are not recommended: all that is known of the user */
  readonly seen: CsrPattern
  readonly seed: number
}

/**
 * The k best items for each of `users` (external ids; all users when absent).
 * @throws UsageError for a user that training has not seen
 */
export function recommend(model: ServingModel, k: number, users?: readonly ExternalId[]): Recommendation[] {
  const { recommender, userIds, itemIds, seen, seed } = model
  const internal = Int32Array.from(
    users ? users.map(user => internalUser(userIds, user)) : userIds.ids.map((_, user) => user),
  )
  const lists = recommender.recommend({
    users: internal,
    histories: rowsOf(model.histories, internal),
    seen: rowsOf(seen, internal),
    k,
    tieRank: tieRanks(recommender.items, seed),
  })
  const rows: Recommendation[] = []
  internal.forEach((user, row) => {
    for (let place = 0; place < k; place++) {
      const item = lists.items[row * k + place]
      if (item < 0) break
      rows.push({
        user: userIds.ids[user],
        rank: place + 1,
        item: itemIds.ids[item],
        score: lists.scores[row * k + place],
      })
    }
  })
  return rows
}

function internalUser(userIds: Vocabulary, user: ExternalId): number {
  const index = userIds.indexOf(user)
  if (index >= 0) return index
  const examples = userIds.ids.slice(0, 3).join(', ')
  throw new UsageError(
    `unknown user "${user}": no interaction of this user was trained on; known are, for example, ${examples}`,
  )
}
