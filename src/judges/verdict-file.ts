/** Verdicts as a Parquet table: user_id, rank, item_id, verdict, confidence, a row a candidate. */
import type { Dataset } from '../dataset/dataset.ts'
import { type Column, idColumn, readTable, writeTable } from '../dataset/table.ts'
import { type Candidates, INVALID, NEGATIVE, POSITIVE, type Verdicts } from './judge.ts'

/** A verdict by external ids. */
export interface VerdictRow {
  readonly user: string | number
  readonly item: string | number
  /** POSITIVE, NEGATIVE or INVALID */
  readonly label: number
  readonly confidence: number
}

/** The word of a label in a table. */
export const VERDICT_WORDS: Record<number, string> = {
  [POSITIVE]: 'positive',
  [NEGATIVE]: 'negative',
  [INVALID]: 'invalid',
}
const LABELS = new Map(Object.entries(VERDICT_WORDS).map(([label, word]) => [word, Number(label)]))

export async function writeVerdicts(
  path: string,
  train: Dataset,
  candidates: Pick<Candidates, 'items' | 'k'>,
  { labels, confidence }: Pick<Verdicts, 'labels' | 'confidence'>,
): Promise<void> {
  const places = filledPlaces(candidates.items)
  await writeTable(
    path,
    [
      ...candidateColumns(train, candidates, places),
      { name: 'verdict', type: 'VARCHAR', value: row => VERDICT_WORDS[labels[places[row]]] },
      { name: 'confidence', type: 'FLOAT', value: row => confidence[places[row]] },
    ],
    places.length,
  )
}

/**
 * The rows in the order of the file.
 * @throws DataError when it is no such table
 */
export async function readVerdictRows(path: string): Promise<VerdictRow[]> {
  const table = await readTable(path, ['user_id', 'item_id', 'verdict', 'confidence'])
  return table.verdict.map((verdict, row) => ({
    user: table.user_id[row]!,
    item: table.item_id[row]!,
    label: LABELS.get(String(verdict)) ?? INVALID,
    confidence: Number(table.confidence[row]),
  }))
}

/** Whose candidate a row is, at which rank, and which item. */
export function candidateColumns(
  { userIds, itemIds }: Dataset,
  { items, k }: Pick<Candidates, 'items' | 'k'>,
  places: readonly number[],
): Column[] {
  return [
    idColumn('user_id', userIds, row => Math.floor(places[row] / k)),
    { name: 'rank', type: 'INTEGER', value: row => (places[row] % k) + 1 },
    idColumn('item_id', itemIds, row => items[places[row]]),
  ]
}

/** Positions of a padded table that hold an item. */
export function filledPlaces(items: Int32Array): number[] {
  const places: number[] = []
  items.forEach((item, place) => {
    if (item >= 0) places.push(place)
  })
  return places
}
