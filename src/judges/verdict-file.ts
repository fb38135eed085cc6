/** Verdicts as a Parquet table with a row per candidate: user_id, rank, item_id, verdict, confidence, and in a run shared_prefix. */
import type { Dataset } from '../dataset/dataset.ts'
import { type Column, idColumn, readGivenTable, writeTable } from '../dataset/table.ts'
import { DataError } from '../errors.ts'
import { filledPlaces } from '../places.ts'
import { type Candidates, INVALID, NEGATIVE, POSITIVE, type Verdicts } from './judge.ts'

/** A verdict by external ids. */
export interface VerdictRow {
  readonly user: string | number
  readonly item: string | number
  /** POSITIVE, NEGATIVE or INVALID */
  readonly label: number
  readonly confidence: number
  readonly sharedPrefix?: number
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
  { labels, confidence, sharedPrefix }: Omit<Verdicts, 'provenance'>,
): Promise<void> {
  const places = filledPlaces(candidates.items)
  await writeTable(
    path,
    [
      ...candidateColumns(train, candidates, places),
      { name: 'verdict', type: 'VARCHAR', value: row => VERDICT_WORDS[labels[places[row]]] },
      { name: 'confidence', type: 'FLOAT', value: row => confidence[places[row]] },
      ...(sharedPrefix
        ? [{ name: 'shared_prefix', type: 'INTEGER' as const, value: (row: number) => sharedPrefix[places[row]] }]
        : []),
    ],
    places.length,
  )
}

/**
 * The rows of a Parquet or CSV file in their order: user_id, item_id, verdict (positive, negative or invalid) and, where
 * they are there, confidence, which is 1 where it is missing, and shared_prefix.
 * @throws DataError when it is no such table, or a verdict is another word
 */
export async function readVerdictRows(path: string): Promise<VerdictRow[]> {
  const table = await readGivenTable(path, ['user_id', 'item_id', 'verdict'], ['confidence', 'shared_prefix'])
  return table.verdict.map((verdict, row) => ({
    user: table.user_id[row] ?? '',
    item: table.item_id[row] ?? '',
    label: labelOf(verdict, path, row),
    confidence: confidenceOf(table.confidence[row], path, row),
    ...(table.shared_prefix.length > 0 && { sharedPrefix: Number(table.shared_prefix[row]) }),
  }))
}

function labelOf(verdict: unknown, path: string, row: number): number {
  const label = LABELS.get(String(verdict).toLowerCase())
  if (label !== undefined) return label
  throw new DataError(
    `${path} row ${row + 1}: expected "positive", "negative" or "invalid" in column "verdict", found "${verdict ?? ''}"`,
  )
}

function confidenceOf(given: number | string | null | undefined, path: string, row: number): number {
  if (given === undefined || given === null) return 1
  const confidence = Number(given)
  if (confidence >= 0 && confidence <= 1) return confidence
  throw new DataError(`${path} row ${row + 1}: expected 0 to 1 in column "confidence", found "${given}"`)
}

/** Whose candidate a row is, at which rank, and which item. */
export function candidateColumns(
  { userIds, itemIds }: Dataset,
  { items, k }: Pick<Candidates, 'items' | 'k'>,
  places: Int32Array,
): Column[] {
  return [
    idColumn('user_id', userIds, row => Math.floor(places[row] / k)),
    { name: 'rank', type: 'INTEGER', value: row => (places[row] % k) + 1 },
    idColumn('item_id', itemIds, row => items[places[row]]),
  ]
}
