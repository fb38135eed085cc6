/** Candidates from a file, in place of those that a model proposes. */
import type { Dataset } from '../dataset/dataset.ts'
import { readGivenTable } from '../dataset/table.ts'
import { DataError } from '../errors.ts'
import { type Candidates, noCandidates } from '../judges/judge.ts'
import { columnsOf } from '../kernels/csr.ts'
import { formatCount } from '../numbers.ts'

export interface GivenCandidates {
  readonly candidates: Candidates
  /** rows that are not used, by reason; reasons without rows are left out */
  readonly left: Readonly<Record<string, number>>
}

/**
 * Reads the columns user_id, item_id and, where they are there, rank (1 is the best) or score (higher is better) of a
 * Parquet or CSV file; without either the order of the rows counts.
 * @param k places per user
 * @throws DataError when the file cannot be read, lacks a column, or has no candidate of this data
 */
export async function readGivenCandidates(path: string, train: Dataset, k: number): Promise<GivenCandidates> {
  const table = await readGivenTable(path, ['user_id', 'item_id'], ['rank', 'score'])
  const order = (row: number) => (table.rank.length ? Number(table.rank[row]) : -Number(table.score[row] ?? -row))
  const left = {
    'unknown user': 0,
    'unknown item': 0,
    'observed in train': 0,
    'listed twice': 0,
    'more than --candidates-per-user': 0,
  }
  const byUser = new Map<number, { item: number; order: number; score: number }[]>()
  table.user_id.forEach((id, row) => {
    const [user, item] = [train.userIds.indexOf(id ?? ''), train.itemIds.indexOf(table.item_id[row] ?? '')]
    if (user < 0) left['unknown user']++
    else if (item < 0) left['unknown item']++
    else if (columnsOf(train.byUser, user).includes(item)) left['observed in train']++
    else {
      const own = byUser.get(user) ?? []
      byUser.set(user, own)
      if (own.some(other => other.item === item)) left['listed twice']++
      else own.push({ item, order: order(row), score: Number(table.score[row] ?? 0) })
    }
  })
  if (byUser.size === 0)
    throw new DataError(
      `${path}: none of its ${table.user_id.length} rows is a candidate of this data (${describe(left)}); check --candidates`,
    )
  const { items, scores } = noCandidates(train, k)
  for (const [user, own] of byUser) {
    own.sort((a, b) => a.order - b.order)
    left['more than --candidates-per-user'] += Math.max(0, own.length - k)
    own.slice(0, k).forEach(({ item, score }, place) => {
      items[user * k + place] = item
      scores[user * k + place] = score
    })
  }
  return {
    candidates: { k, items, scores },
    left: Object.fromEntries(Object.entries(left).filter(([, rows]) => rows > 0)),
  }
}

/** "3 unknown user, 1 listed twice" */
export function describe(left: GivenCandidates['left']): string {
  const some = Object.entries(left).filter(([, rows]) => rows > 0)
  return some.map(([reason, rows]) => `${formatCount(rows)} ${reason}`).join(', ')
}
