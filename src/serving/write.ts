/** Recommendations as a Parquet table: user_id, rank, item_id, score. */
import { idColumn, writeTable } from '../dataset/table.ts'
import type { Recommendation, ServingModel } from './recommender.ts'

export function writeRecommendations(
  path: string,
  rows: readonly Recommendation[],
  { userIds, itemIds }: Pick<ServingModel, 'userIds' | 'itemIds'>,
): Promise<void> {
  return writeTable(
    path,
    [
      { ...idColumn('user_id', userIds, () => 0), value: row => rows[row].user },
      { name: 'rank', type: 'INTEGER', value: row => rows[row].rank },
      { ...idColumn('item_id', itemIds, () => 0), value: row => rows[row].item },
      { name: 'score', type: 'FLOAT', value: row => rows[row].score },
    ],
    rows.length,
  )
}
