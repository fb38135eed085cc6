/** What is known of items beside who interacted with them: title, price, stock, category, … one row each. */
import { DataError, messageOf } from '../../errors.ts'
import { didYouMean } from '../../nearest.ts'
import { listOf } from '../../numbers.ts'
import { unifyIds } from '../columns/ids.ts'
import { rankOfName } from '../columns/names.ts'
import { createAccount, createDictionary } from '../columns/rows.ts'
import { isParquet } from '../files/containers.ts'
import type { DataFile } from '../files/disk.ts'
import { firstLine, identifier, pathLiteral, withDatabase } from '../files/duckdb.ts'
import { findData, groupsOf } from '../files/find.ts'
import { sniffFile } from '../formats/format.ts'
import { textOf, valuesOf } from '../formats/json/paths.ts'
import { readJson, shapeOfJson } from '../formats/json/values.ts'
import { fieldTexts } from '../formats/tables/fields.ts'
import { findLayout } from '../formats/tables/layout.ts'
import { readRecords } from '../formats/tables/records.ts'

export type ItemValue = string | number | boolean | null

export interface ItemColumn {
  readonly name: string
  readonly type: 'number' | 'text' | 'boolean'
  /** along the ids */
  readonly values: readonly ItemValue[]
}

export interface ItemTable {
  /** as texts, each once; 1.0 is 1, as in interactions */
  readonly ids: readonly string[]
  /** all but that of the ids */
  readonly columns: readonly ItemColumn[]
  /** rows without an id, rows of an item that had one before (the first counts), and rows that cannot be read */
  readonly dropped: { readonly withoutId: number; readonly repeated: number; readonly unreadable: number }
  /** of the file, where it is not UTF-8 */
  readonly encoding?: string
}

/** A file as it is: rows of values, missing ones null. */
interface RawTable {
  readonly names: readonly string[]
  readonly rows: readonly (readonly ItemValue[])[]
  readonly unreadable: number
}

const SEPARATORS = [',', '\t', ';', '|', '::']
/** Names of the id beside those that it has in interactions. */
const ID_COLUMNS = ['id', '_id', 'sku', 'asin', 'isbn', 'code']

/**
 * CSV and its like, JSON or Parquet, packed or not. Numbers and truth values are what they are; all else is text.
 * @param idColumn by name, or by position where there is no header; one of the usual names when absent
 * @throws DataError when the file cannot be read or has no such column
 */
export async function readItemTable(path: string, idColumn?: string): Promise<ItemTable> {
  const found = await findData(path)
  try {
    const [file, ...more] = groupsOf(found).flat()
    if (more.length > 0) throw new DataError(`${path}: ${more.length + 1} files; give the one that is about items`)
    const read = (encoding: string) => readRaw({ ...file, encoding }, idColumn)
    const isText = (error: unknown) => messageOf(error).includes('is not UTF-8 text')
    const raw = await read(file.encoding).catch(error => {
      if (!isText(error)) throw error
      return read(FALLBACK).then(table => ({ ...table, encoding: FALLBACK }))
    })
    const id = chooseId(path, raw.names, idColumn)
    return { ...tableOf(raw, id), ...('encoding' in raw && { encoding: raw.encoding }) }
  } finally {
    await found.dispose()
  }
}

/** What text is that is not UTF-8, more often than not. */
const FALLBACK = 'windows-1252'

async function readRaw(file: DataFile, idColumn: string | undefined): Promise<RawTable> {
  const sniff = await sniffFile(file)
  if (isParquet(sniff.head)) return readParquet(file)
  const shape = shapeOfJson(sniff)
  const account = createAccount()
  const unreadable = () => [...account.refused.values()].reduce((sum, { count }) => sum + count, 0)
  if (shape) {
    const objects: Record<string, unknown>[] = []
    await readJson(file, shape, account, ({ row }) => void objects.push(row))
    const names = [...new Set(objects.flatMap(Object.keys))]
    const cellOf = (value: unknown) => (typeof value === 'object' ? textOf(value) || null : (value as ItemValue))
    const rows = objects.map(row => names.map(name => cellOf(valuesOf(row[name])[0]) ?? null))
    return { names, rows: typed(rows, names.length), unreadable: unreadable() }
  }
  const layout = findLayout(sniff.text, SEPARATORS, idColumn === undefined ? {} : { item: idColumn }, sniff.extension)
  if (!layout)
    throw new DataError(
      `${file.label}: cannot be read as a table of items; give CSV or TSV with a header, JSON lines or Parquet`,
    )
  const { names } = layout
  const rows: ItemValue[][] = []
  await readRecords(file, layout, account, fields => {
    rows.push(fieldTexts(fields).slice(0, names.length).map(text => text.trim() || null)) // biome-ignore format: one line
  })
  return { names, rows: typed(rows, names.length), unreadable: unreadable() }
}

async function readParquet({ path, label }: DataFile): Promise<RawTable> {
  const from = `read_parquet(${pathLiteral(path)})`
  return withDatabase(undefined, async database => {
    const described = await database.describe(from)
    const list = described.map(([name, type]) => {
      const isNumber = /^(U?(TINY|SMALL)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/.test(type)
      return type === 'BOOLEAN' ? identifier(name) : `${identifier(name)}::${isNumber ? 'DOUBLE' : 'VARCHAR'}`
    })
    await database.run('SET threads = 1')
    const rows: ItemValue[][] = []
    await database.stream(`SELECT ${list.join(', ')} FROM ${from}`, chunk => {
      const vectors = list.map((_, column) => chunk.getColumnVector(column))
      for (let row = 0; row < chunk.rowCount; row++)
        rows.push(vectors.map(vector => vector.getItem(row) as ItemValue).map(value => (value === '' ? null : value)))
    })
    const names = described.map(([name]) => name)
    const isLarge = described.map(([, type]) => /^U?(BIG|HUGE)INT$/.test(type))
    return { names, rows: typed(rows, names.length, isLarge), unreadable: 0 }
  }).catch(error => {
    throw new DataError(`${label}: a damaged Parquet file: ${firstLine(messageOf(error))}; write it again`, {
      cause: error,
    })
  })
}

/** Columns of texts that are all numbers or truth values become such; others are texts. 007 is no number. */
function typed(rows: ItemValue[][], width: number, only?: readonly boolean[]): ItemValue[][] {
  for (let column = 0; column < width; column++) {
    const values = rows.map(row => row[column]).filter(value => value !== null)
    const all = (test: (value: ItemValue) => boolean) => values.length > 0 && values.every(test)
    const to = (only?.[column] ?? true) && all(isNumeric) ? Number : all(isTruth) ? isTrue : undefined
    const mixed = new Set(values.map(value => typeof value)).size > 1
    if (to || mixed) for (const row of rows) if (row[column] !== null) row[column] = (to ?? String)(row[column])
  }
  return rows
}

const isNumeric = (value: ItemValue) => typeof value === 'number' || /^[+-]?(0|[1-9]\d*)?(\.\d+)?(e[+-]?\d+)?$/i.test(String(value)) && /\d/.test(String(value)) // biome-ignore format: one line
const isTruth = (value: ItemValue) => typeof value === 'boolean' || /^(true|false)$/i.test(String(value))
const isTrue = (value: ItemValue) => String(value).toLowerCase() === 'true'

/** Each item once; ids are spelled as those of interactions are. */
function tableOf({ names, rows, unreadable }: RawTable, id: number): ItemTable {
  const dictionary = createDictionary()
  const withId = rows.filter(row => row[id] !== null)
  const codes = Int32Array.from(withId, row => dictionary.encode(String(row[id])))
  const unified = unifyIds([{ texts: dictionary.texts, codes }])
  const firsts = new Map<number, number>()
  unified.codes[0].forEach((code, row) => void (firsts.has(code) || firsts.set(code, row)))
  const kept = [...firsts.values()].map(row => withId[row])
  return {
    ids: Array.from(firsts.keys(), code => String(unified.ids[code])),
    columns: names.flatMap((name, column) => {
      if (column === id) return []
      const values = kept.map(row => row[column])
      const kind = typeof rows.find(row => row[column] !== null)?.[column]
      return [{ name, type: kind === 'number' || kind === 'boolean' ? kind : ('text' as const), values }]
    }),
    dropped: { withoutId: rows.length - withId.length, repeated: withId.length - kept.length, unreadable },
  }
}

/** @returns its position */
function chooseId(path: string, names: readonly string[], wanted: string | undefined): number {
  const columns = names.map((name, position) => ({ name, position }))
  if (wanted !== undefined) return columnNamed(columns, wanted, path, '--item-id').position
  const [best] = columns
    .map(({ name, position }) => ({ position, rank: rankOfName(name, 'item') ?? usualRank(name, ID_COLUMNS, 3) ?? 9 }))
    .filter(({ rank }) => rank < 4)
    .sort((a, b) => a.rank - b.rank || a.position - b.position)
  if (best) return best.position
  const there = names[0] === '0' ? `no header, and ${names.length} columns that are called 0, 1, …` : listOf(names)
  throw new DataError(
    `${path}: expected a column of item ids (item_id, item, id, sku, product_id), found ${there}; name it with --item-id`,
  )
}

function usualRank(name: string, usual: readonly string[], from: number): number | undefined {
  const at = usual.indexOf(name.toLowerCase())
  return at < 0 ? undefined : from + at / 100
}

/** @throws DataError with the names that there are */
export function columnNamed<C extends { readonly name: string }>(
  columns: readonly C[],
  wanted: string,
  path: string,
  flag: string,
): C {
  const found = columns.find(({ name }) => name === wanted)
  if (found) return found
  const names = columns.map(({ name }) => name)
  throw new DataError(
    `${path}: has no column "${wanted}" (${flag}): there are ${listOf(names)}${didYouMean(wanted, names)}`,
  )
}

/**
 * The column of titles: the one that is named, or else one that is called title, name, or something that ends so.
 * @throws DataError for a named one that is not there
 */
export function titleColumn({ columns }: Pick<ItemTable, 'columns'>, wanted?: string, path = 'table of items') {
  if (wanted !== undefined) return columnNamed(columns, wanted, path, '--title')
  const texts = columns.filter(({ type }) => type === 'text')
  const named = (test: RegExp) => texts.find(({ name }) => test.test(name))
  return named(/^title$/i) ?? named(/^name$/i) ?? named(/^(item|product|prod|movie|book|track|song|artist|game|article|business)[ _-]?(title|name)$/i) // biome-ignore format: one line
}
