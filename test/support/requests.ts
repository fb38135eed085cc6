/** What a recommender is asked for users of the data that it was trained on. */
import type { Dataset } from '../../src/dataset/dataset.ts'
import { historiesOf, rowsOf } from '../../src/dataset/histories.ts'
import type { HistoryBlock } from '../../src/models/recommender.ts'

/** Rows that are these users (all of them when absent) with the histories that `train` has of them. */
export function usersOf(
  train: Dataset,
  users: Int32Array = Int32Array.from({ length: train.users }, (_, user) => user),
) {
  return { users, histories: rowsOf(historiesOf(train), users) } satisfies HistoryBlock
}

/** The same, and what they have interacted with is not to be recommended. */
export function unseenBy(train: Dataset, users?: Int32Array) {
  const block = usersOf(train, users)
  return { ...block, seen: block.histories }
}
