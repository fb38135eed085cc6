/** Titles of a run's items, kept beside its stages: they are shown wherever an item is, also when the file of --items has gone. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Vocabulary } from '../dataset/dataset.ts'
import { readItemTitles } from '../dataset/items/texts.ts'
import { idColumn, readTable, writeTable } from '../dataset/table.ts'
import type { Run, RunData } from './context.ts'

const fileOf = (directory: string) => join(directory, 'titles.parquet')

/**
 * Keeps the titles of `--items`; without it, takes those of earlier data away.
 * @throws DataError for a file that has none
 */
export async function keepTitles({ directory, plan, emit }: Run, { value: { train } }: RunData): Promise<void> {
  const { items, itemId, title } = plan.items
  const file = fileOf(directory)
  if (items === undefined) return rm(file, { force: true })
  if (!existsSync(items) && existsSync(file)) return
  const { titles, said } = await readItemTitles({ items, itemId, title }, train.itemIds)
  emit({ type: 'message', stage: 'data', text: said })
  if (!titles) return rm(file, { force: true })
  const columns = [
    idColumn('item_id', train.itemIds, item => item),
    { name: 'title', type: 'VARCHAR' as const, value: (item: number) => titles[item] },
  ]
  await writeTable(file, columns, titles.length)
}

/** In internal order, "" where there is none; undefined where the run keeps no titles. */
export async function readTitles(directory: string, known: Vocabulary): Promise<readonly string[] | undefined> {
  const file = fileOf(directory)
  if (!existsSync(file)) return undefined
  const { item_id, title } = await readTable(file, ['item_id', 'title'])
  const byId = new Map(item_id.map((id, row) => [id, String(title[row])]))
  return known.ids.map(id => byId.get(id) ?? '')
}

/** What an item is called where people read of it: "Toy Story (1)", or its id. */
export function labelsOf({ ids }: Vocabulary, titles: readonly string[] | undefined): (item: number) => string {
  return item => (titles?.[item] ? `${titles[item]} (${ids[item]})` : String(ids[item]))
}
