/** What is known of items beside who interacted with them: title, price, stock, category, … one row each. */
import { DataError, messageOf } from '../errors.ts'
import { didYouMean } from '../nearest.ts'
import { firstLine, identifier, literal, pathLiteral, withDatabase } from './duckdb.ts'

export type ItemValue = string | number | boolean | null

export interface ItemColumn {
  readonly name: string
  readonly type: 'number' | 'text' | 'boolean'
  /** along the ids */
  readonly values: readonly ItemValue[]
}

export interface ItemTable {
  /** as texts, each once */
  readonly ids: readonly string[]
  readonly columns: readonly ItemColumn[]
  /** rows without an id, and rows of an item that had one before: the first counts */
  readonly dropped: { readonly withoutId: number; readonly repeated: number }
}

/** Columns that hold the id when none is named. */
const ID_COLUMNS = ['item_id', 'item', 'id', 'sku', 'product_id']

/**
 * CSV or TSV with a header, JSONL or Parquet. Numbers and truth values are what they are; all else is text.
 * @param idColumn of the ids; one of the usual names when absent
 * @throws DataError when the file cannot be read or has no such column
 */
export async function readItemTable(path: string, idColumn?: string): Promise<ItemTable> {
  const cannot = (error: unknown) =>
    new DataError(
      `${path}: cannot be read as a table of items: ${firstLine(messageOf(error))}; give CSV or TSV with a header, JSONL or Parquet`,
      { cause: error },
    )
  return withDatabase(undefined, async database => {
    const described = async (from: string) => {
      const rows = await database.rows(`DESCRIBE SELECT * FROM ${from}`).catch(error => {
        throw cannot(error)
      })
      return rows.map(([name, type]) => ({ name: String(name), type: typeOf(String(type)) }))
    }
    const columns = await described(readerOf(path))
    const id = chooseId(
      path,
      columns.map(({ name }) => name),
      idColumn,
    )
    const kept = columns.filter(({ name }) => name !== id)
    const list = kept.map(({ name, type }) =>
      type === 'text'
        ? `${identifier(name)}::VARCHAR`
        : type === 'number'
          ? `${identifier(name)}::DOUBLE`
          : identifier(name),
    )
    const values: ItemValue[][] = kept.map(() => [])
    const ids = new Set<string>()
    const dropped = { withoutId: 0, repeated: 0 }
    await database.run('SET threads = 1')
    await database
      .stream(`SELECT ${[`${identifier(id)}::VARCHAR`, ...list].join(', ')} FROM ${readerOf(path, id)}`, chunk => {
        const vectors = Array.from({ length: kept.length + 1 }, (_, column) => chunk.getColumnVector(column))
        for (let row = 0; row < chunk.rowCount; row++) {
          const text = vectors[0].getItem(row) as string | null
          if (text === null || text === '') dropped.withoutId++
          else if (ids.has(text)) dropped.repeated++
          else {
            ids.add(text)
            values.forEach((column, at) => {
              column.push(vectors[at + 1].getItem(row) as ItemValue)
            })
          }
        }
      })
      .catch(error => {
        throw cannot(error)
      })
    return { ids: [...ids], columns: kept.map((column, at) => ({ ...column, values: values[at] })), dropped }
  })
}

/** @param id is read as text, so that 007 stays 007 */
function readerOf(path: string, id?: string): string {
  if (/\.(parquet|pq)$/i.test(path)) return `read_parquet(${pathLiteral(path)})`
  if (/\.(jsonl|ndjson|json)(\.gz)?$/i.test(path)) return `read_json_auto(${pathLiteral(path)})`
  const types = id === undefined ? '' : `, types = {${literal(id)}: 'VARCHAR'}`
  return `read_csv(${pathLiteral(path)}, header = true, sample_size = -1${types})`
}

function typeOf(type: string): ItemColumn['type'] {
  if (type === 'BOOLEAN') return 'boolean'
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/.test(type) ? 'number' : 'text'
}

function chooseId(path: string, names: readonly string[], wanted: string | undefined): string {
  const found =
    wanted === undefined
      ? ID_COLUMNS.map(own => names.find(name => name.toLowerCase() === own)).find(Boolean)
      : names.find(name => name === wanted)
  if (found !== undefined) return found
  throw new DataError(
    wanted === undefined
      ? `${path}: expected a column of item ids (${ID_COLUMNS.join(', ')}), found ${names.join(', ')}; name it with --item-id`
      : `${path}: has no column "${wanted}" (--item-id): there are ${names.join(', ')}${didYouMean(wanted, names)}`,
  )
}
