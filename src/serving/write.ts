/** Answers as a Parquet table: user_id, rank, item_id, title where there are titles, score. */
import { writeTable } from '../dataset/table.ts'
import type { Answer } from './answers/schema.ts'

export interface Recommendation {
  readonly user: string | number
  /** 1 is the best */
  readonly rank: number
  readonly item: string | number
  readonly title?: string | undefined
  readonly score: number
}

/** A row for each item of each answer. */
export function rowsOfAnswers(users: readonly (string | number)[], answers: readonly Answer[]): Recommendation[] {
  return answers.flatMap(({ items }, at) =>
    items.map(({ item, title, score }, place) => ({ user: users[at], rank: place + 1, item, title, score })),
  )
}

export function writeRecommendations(path: string, rows: readonly Recommendation[]): Promise<void> {
  const idColumn = (name: string, value: (row: number) => string | number) => {
    const numbers = rows.every((_, row) => typeof value(row) === 'number')
    return { name, type: numbers ? ('BIGINT' as const) : ('VARCHAR' as const), value }
  }
  return writeTable(
    path,
    [
      idColumn('user_id', row => rows[row].user),
      { name: 'rank', type: 'INTEGER', value: row => rows[row].rank },
      idColumn('item_id', row => rows[row].item),
      ...(rows.some(({ title }) => title)
        ? [{ name: 'title', type: 'VARCHAR' as const, value: (row: number) => rows[row].title ?? null }]
        : []),
      { name: 'score', type: 'FLOAT', value: row => rows[row].score },
    ],
    rows.length,
  )
}
