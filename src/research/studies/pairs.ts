/** Pairs that a study makes, as files that its runs read. */
import type { Dataset, Pairs } from '../../dataset/dataset.ts'
import { idColumn, writeTable } from '../../dataset/table.ts'

export function writePairs(path: string, { userIds, itemIds }: Dataset, { users, items }: Pairs): Promise<void> {
  const columns = [idColumn('user_id', userIds, row => users[row]), idColumn('item_id', itemIds, row => items[row])]
  return writeTable(path, columns, users.length)
}

/** 1 at least, as an option of a run has it. */
export function mostPerUser({ users }: Pairs): number {
  return Math.max(
    1,
    ...Map.groupBy(Array.from(users), user => user)
      .values()
      .map(own => own.length),
  )
}
