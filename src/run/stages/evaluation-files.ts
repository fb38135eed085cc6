/** What an evaluation leaves for each user: `per-user.parquet` with the metrics, `lists.parquet` with the items ranked first. */
import { dirname, join } from 'node:path'
import type { Dataset } from '../../dataset/dataset.ts'
import { idColumn, readTable, writeTable } from '../../dataset/table.ts'
import type { Evaluation } from '../../evaluation/evaluate.ts'
import type { Recommendations } from '../../models/recommender.ts'
import { filledPlaces } from '../../places.ts'
import { checkFile } from '../stage-folder.ts'

const PER_USER = 'per-user.parquet'
const LISTS = 'lists.parquet'

/** Per user, ascending internal ids: `user_id` and a column a metric. */
export function writePerUser(folder: string, { perUser }: Evaluation, { userIds }: Dataset): Promise<void> {
  const columns = Object.entries(perUser.values).map(([name, values]) => ({
    name,
    type: 'DOUBLE' as const,
    value: (row: number) => values[row],
  }))
  const users = idColumn('user_id', userIds, row => perUser.users[row])
  return writeTable(join(folder, PER_USER), [users, ...columns], perUser.users.length)
}

/** A row a place of the list, best first: `user_id`, `rank` from 1, `item_id`, `score`. */
export function writeLists(
  folder: string,
  users: Int32Array,
  { k, items, scores }: Recommendations,
  { userIds, itemIds }: Dataset,
): Promise<void> {
  const places = filledPlaces(items)
  const columns = [
    idColumn('user_id', userIds, row => users[Math.floor(places[row] / k)]),
    { name: 'rank', type: 'INTEGER' as const, value: (row: number) => (places[row] % k) + 1 },
    idColumn('item_id', itemIds, row => items[places[row]]),
    { name: 'score', type: 'FLOAT' as const, value: (row: number) => scores[places[row]] },
  ]
  return writeTable(join(folder, LISTS), columns, places.length)
}

/**
 * One metric a column, along the users that have something held out, ascending.
 * @throws DataError when the file is not as it was written, or has no such column
 */
export async function readPerUser(folder: string, metrics: readonly string[]): Promise<Record<string, Float64Array>> {
  const table = await readChecked(folder, PER_USER, metrics)
  return Object.fromEntries(metrics.map(name => [name, Float64Array.from(table[name], Number)]))
}

/**
 * The first k items of each list in internal ids.
 * @param users those that were evaluated, ascending
 * @returns [users × k], −1 where too few items were left
 * @throws DataError when the file is not as it was written
 */
export async function readLists(
  folder: string,
  k: number,
  users: Int32Array,
  { userIds, itemIds }: Dataset,
): Promise<Int32Array> {
  const table = await readChecked(folder, LISTS, ['user_id', 'rank', 'item_id'])
  const rowOfUser = new Map(Array.from(users, (user, row) => [user, row]))
  const items = new Int32Array(users.length * k).fill(-1)
  table.user_id.forEach((user, at) => {
    const rank = Number(table.rank[at])
    const row = rowOfUser.get(userIds.indexOf(user!))
    if (row !== undefined && rank <= k) items[row * k + rank - 1] = itemIds.indexOf(table.item_id[at]!)
  })
  return items
}

/** A table as the evaluation wrote it. */
async function readChecked(folder: string, name: string, columns: readonly string[]) {
  await checkFile(folder, name, `run "dualtree evaluate ${dirname(folder)}"`)
  return readTable(join(folder, name), columns)
}
