/** What a file says of items, for people and language models: a title, and more where it is wished for. */
import { z } from 'zod'
import { DataError, UsageError } from '../../errors.ts'
import { listOf } from '../../numbers.ts'
import { text } from '../../options.ts'
import type { Vocabulary } from '../dataset.ts'
import { columnNamed, type ItemColumn, type ItemTable, type ItemValue, readItemTable, titleColumn } from './table.ts'

export const itemOptions = z.object({
  items: text
    .optional()
    .describe('file with a row per item: CSV, TSV, JSON or Parquet; titles are shown wherever an item is'),
  itemId: text.optional().describe('its column of item ids; item_id, id, sku and other usual names when absent'),
  title: text.optional().describe('its column of titles; title, name and their like when absent'),
  text: z
    .array(z.string())
    .default([])
    .describe('further columns that a language model is shown in mode text, such as a,b'),
  itemVectors: text
    .optional()
    .describe('Parquet file of vectors of items, columns item and vector, made by any encoder'),
  itemVectorsIn: z
    .array(z.enum(['tree', 'initial', 'side']))
    .min(1)
    .default(['tree'])
    .describe(
      'uses of --item-vectors: tree (the semantic tree, in place of what the base model learned), initial (where item vectors of every trained model begin), side (added to them through a projection that training learns)',
    ),
})

export type ItemOptions = z.output<typeof itemOptions>
type FileOptions = Pick<ItemOptions, 'itemId' | 'title'> & { readonly items: string }

/** Characters of what stands behind a title. */
const MOST_TEXT = 240

/** Titles of items as one line each, and how they were found. */
export interface ItemTitles {
  /** in internal order; "" for an item that is not in the file; absent where no column is named and none looks like a title */
  readonly titles?: readonly string[]
  /** a sentence */
  readonly said: string
}

/** @throws DataError for a `title` that there is not, and whatever `readItemTable` throws */
export async function readItemTitles(
  { items: path, itemId, title }: FileOptions,
  known: Vocabulary,
): Promise<ItemTitles> {
  const { table, rows } = await readRows(path, itemId, known)
  const column = titleColumn(table, title, path)
  if (!column) return { said: noTitle(path, table) }
  const titles = titlesOf(column, rows)
  const count = titles.filter(text => text !== '').length
  const encoding = table.encoding ? `, read as ${table.encoding} since it is not UTF-8` : ''
  return {
    titles,
    said: `Titles: column "${column.name}" of ${path}${encoding}, for ${count} of ${titles.length} items.`,
  }
}

/**
 * One line per item in internal order: the title, and behind it the texts, cut; "" for an item that is not in the file.
 * @throws UsageError when no file is named; DataError when it lacks a column
 */
export async function readItemTexts(
  { items: path, itemId, title, text }: ItemOptions,
  known: Vocabulary,
): Promise<readonly string[]> {
  if (path === undefined)
    throw new UsageError('mode text needs to know what an item is: give --items FILE, with --title COLUMN')
  const { table, rows } = await readRows(path, itemId, known)
  const column = titleColumn(table, title, path)
  if (!column) throw new DataError(noTitle(path, table))
  const titles = titlesOf(column, rows)
  const columns = text.map(wanted => columnNamed(table.columns, wanted, path, '--text'))
  return rows.map((row, item) => {
    if (row < 0) return ''
    const more = columns.map(({ values }) => oneLine(values[row])).filter(part => part !== '')
    return [titles[item], more.join('; ').slice(0, MOST_TEXT)].filter(Boolean).join(': ')
  })
}

/** The table, and the row of each known item; −1 for those that it does not have. */
async function readRows(path: string, itemId: string | undefined, { ids }: Vocabulary) {
  const table = await readItemTable(path, itemId)
  const rowOf = new Map(table.ids.map((id, row) => [id, row]))
  const rows = ids.map(id => rowOf.get(String(id)) ?? -1)
  if (ids.length > 0 && rows.every(row => row < 0))
    throw new DataError(
      `--items ${path}: its ids, such as "${table.ids[0] ?? ''}", are none of the ${ids.length} item ids, such as "${ids[0]}": name another column with --item-id`,
    )
  return { table, rows }
}

const titlesOf = ({ values }: ItemColumn, rows: readonly number[]) =>
  rows.map(row => oneLine(row < 0 ? null : values[row]))

const noTitle = (path: string, { columns }: ItemTable) =>
  `${path}: no column looks like a title: there are ${listOf(columns.map(({ name }) => name))}; name it with --title`

/** A text as one line: nothing in it can look like a line of the prompt. */
function oneLine(value: ItemValue): string {
  return String(value ?? '')
    .replace(/\s+/g, ' ')
    .trim()
}
