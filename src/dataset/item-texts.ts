/** What a file says of items: a title, and more where it is wished for. */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { Vocabulary } from './dataset.ts'
import { readGivenTable } from './table.ts'

export const itemOptions = z.object({
  items: z.string().min(1).optional().describe('CSV or Parquet file about items, with a row for each'),
  itemId: z.string().min(1).default('item_id').describe('its column of item ids'),
  title: z.string().min(1).default('title').describe('its column of titles'),
  text: z
    .array(z.string())
    .default([])
    .describe('further columns that a language model is shown in mode text, such as a,b'),
  itemVectors: z
    .string()
    .min(1)
    .optional()
    .describe('Parquet file of vectors of items, columns item and vector, made by any encoder'),
  itemVectorsIn: z
    .enum(['tree', 'initial', 'both'])
    .default('tree')
    .describe(
      'what --item-vectors are for: the semantic tree in place of what the base model learned, initial vectors of every trained model, or both',
    ),
})

export type ItemOptions = z.output<typeof itemOptions>

/** Characters of what stands behind a title. */
const MOST_TEXT = 240

/**
 * One line per item in internal order: the title, and behind it the texts, cut; "" for an item that is not in the file.
 * @throws UsageError when no file is named; DataError when it lacks a column
 */
export async function readItemTexts(
  { items: path, itemId, title, text }: ItemOptions,
  { ids, indexOf }: Vocabulary,
): Promise<readonly string[]> {
  if (path === undefined)
    throw new UsageError('mode text needs to know what an item is: give --items FILE, with --title COLUMN')
  const table = await readGivenTable(path, [itemId, title, ...text])
  const lines: string[] = ids.map(() => '')
  table[itemId].forEach((id, row) => {
    // a CSV has texts, also for ids that are numbers
    const item =
      id === null ? -1 : Math.max(indexOf(id), typeof id === 'string' && id !== '' ? indexOf(Number(id)) : -1)
    if (item < 0) return
    const more = text.map(column => oneLine(table[column][row])).filter(part => part !== '')
    lines[item] = [oneLine(table[title][row]), more.join('; ').slice(0, MOST_TEXT)].filter(Boolean).join(': ')
  })
  if (ids.length > 0 && lines.every(line => line === ''))
    throw new UsageError(
      `--items ${path}: column "${itemId}" has none of the ${ids.length} item ids: name another with --item-id`,
    )
  return lines
}

/** A text as one line: nothing in it can look like a line of the prompt. */
function oneLine(value: number | string | null | undefined): string {
  return String(value ?? '')
    .replace(/\s+/g, ' ')
    .trim()
}
