/** Parquet tables in and out, a column at a time: what a run leaves for other tools to read. */
import { DataError, messageOf } from '../errors.ts'
import { replaceFile } from '../files.ts'
import { listOf } from '../numbers.ts'
import type { Vocabulary } from './dataset.ts'
import { firstLine, identifier, pathLiteral, withDatabase } from './files/duckdb.ts'
import { withParquet } from './parquet/read.ts'
import type { Column } from './parquet/schema.ts'
import { writeParquet } from './parquet/write.ts'

export type { Column } from './parquet/schema.ts'

/** External ids of `internal(row)`, in the type that the vocabulary has. */
export function idColumn(name: string, { ids }: Vocabulary, internal: (row: number) => number): Column {
  const integers = ids.every(id => typeof id === 'number')
  const values = integers ? ids : ids.map(String)
  return { name, type: integers ? 'BIGINT' : 'VARCHAR', value: row => values[internal(row)] }
}

/** Writes rows 0 … rows − 1, in order, atomically; the same rows give the same bytes. */
export function writeTable(path: string, columns: readonly Column[], rows: number): Promise<void> {
  return replaceFile(path, file => writeParquet(file, columns, rows))
}

type Rows = Record<string, (number | string | null)[]>

/**
 * The rows of a table that a run wrote, in the order of the file, as one array per column.
 * @throws DataError when the file is not there or lacks a column
 */
export async function readTable(path: string, names: readonly string[]): Promise<Rows> {
  try {
    const own = await withParquet(path, async file => {
      const columns: Rows = {}
      for (const name of names) columns[name] = Array.from(await file.column(name))
      return columns
    })
    return own ?? (await readColumns(`read_parquet(${pathLiteral(path)})`, names))
  } catch (error) {
    throw new DataError(`${path}: cannot be read: ${firstLine(messageOf(error))}; run the stage again`, {
      cause: error,
    })
  }
}

/**
 * A table that a user wrote: Parquet, or CSV with a header, whose values are texts.
 * @param required columns that must be there
 * @param optional columns that are read where they are; else their arrays are empty
 * @param limit rows from the beginning; all of them when absent
 * @throws DataError naming the columns that are missing, and those that are there
 */
export async function readGivenTable(
  path: string,
  required: readonly string[],
  optional: readonly string[] = [],
  limit?: number,
): Promise<Rows> {
  const reader = /\.parquet$/i.test(path)
    ? `read_parquet(${pathLiteral(path)})`
    : `read_csv(${pathLiteral(path)}, header = true, all_varchar = true, nullstr = '')`
  const there = await columnNames(reader).catch(error => {
    throw new DataError(
      `${path}: cannot be read: ${firstLine(messageOf(error))}; give a Parquet file, or CSV with a header`,
      { cause: error },
    )
  })
  const missing = required.filter(name => !there.includes(name))
  if (missing.length > 0)
    throw new DataError(
      `${path}: expected the columns ${required.join(', ')}, found ${listOf(there)}; ` +
        `rename or add ${missing.join(', ')}`,
    )
  const names = [...required, ...optional.filter(name => there.includes(name))]
  return readColumns(limit === undefined ? reader : `${reader} LIMIT ${limit}`, names, optional)
}

async function columnNames(reader: string): Promise<string[]> {
  return withDatabase(undefined, async database => {
    const rows = await database.rows(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${reader})`)
    return rows.map(([name]) => String(name))
  })
}

async function readColumns(reader: string, names: readonly string[], optional: readonly string[] = []): Promise<Rows> {
  const table: Rows = Object.fromEntries([...names, ...optional].map(name => [name, []]))
  await withDatabase(undefined, async database => {
    const list = names.map(identifier).join(', ')
    await database.stream(`SELECT ${list} FROM ${reader}`, chunk => {
      names.forEach((name, column) => {
        const vector = chunk.getColumnVector(column)
        for (let row = 0; row < chunk.rowCount; row++) {
          const value = vector.getItem(row) as number | bigint | string | null
          table[name].push(typeof value === 'bigint' ? Number(value) : value)
        }
      })
    })
  })
  return table
}
