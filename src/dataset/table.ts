/** Parquet tables in and out, a column at a time: what a run leaves for other tools to read. */
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DataError, messageOf } from '../errors.ts'
import { cannotWrite, makeDirectory } from '../files.ts'
import type { Vocabulary } from './dataset.ts'
import { firstLine, identifier, literal, pathLiteral, withDatabase } from './duckdb.ts'

export interface Column {
  readonly name: string
  readonly type: 'INTEGER' | 'BIGINT' | 'VARCHAR' | 'FLOAT' | 'DOUBLE'
  readonly value: (row: number) => number | string | null
}

/** External ids of `internal(row)`, in the type that the vocabulary has. */
export function idColumn(name: string, { ids }: Vocabulary, internal: (row: number) => number): Column {
  const type = ids.every(id => typeof id === 'number') ? 'BIGINT' : 'VARCHAR'
  return { name, type, value: row => ids[internal(row)] }
}

const CHUNK_ROWS = 2048

/** Writes rows 0 … rows − 1, in order, atomically; the same rows give the same bytes with the same DuckDB. */
export async function writeTable(path: string, columns: readonly Column[], rows: number): Promise<void> {
  const { DuckDBDataChunk } = await import('@duckdb/node-api')
  await makeDirectory(dirname(path))
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await withDatabase(undefined, async database => {
      await database.run('SET threads = 1')
      const definitions = columns.map(({ name, type }) => `${identifier(name)} ${type}`)
      await database.run(`CREATE TABLE output (${definitions.join(', ')})`)
      const appender = await database.connection.createAppender('output')
      const types = columns.map((_, column) => appender.columnType(column))
      for (let start = 0; start < rows; start += CHUNK_ROWS) {
        const length = Math.min(CHUNK_ROWS, rows - start)
        const chunk = DuckDBDataChunk.create(types, length)
        columns.forEach(({ type, value }, column) => {
          const cell = type === 'BIGINT' ? (row: number) => BigInt(value(row) ?? 0) : value
          chunk.setColumnValues(
            column,
            Array.from({ length }, (_, index) => cell(start + index)),
          )
        })
        appender.appendDataChunk(chunk)
      }
      appender.closeSync()
      await database.run(`COPY output TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd)`)
    })
    await rename(temporary, path)
  } catch (error) {
    // what was wrong with the first write is what matters
    await rm(temporary, { force: true }).catch(() => {})
    throw cannotWrite(path, error)
  }
}

/**
 * The rows of a table in the order of the file, as one array a column.
 * @throws DataError when the file is not there or lacks a column
 */
export async function readTable(
  path: string,
  names: readonly string[],
): Promise<Record<string, (number | string | null)[]>> {
  const table: Record<string, (number | string | null)[]> = Object.fromEntries(names.map(name => [name, []]))
  try {
    await withDatabase(undefined, async database => {
      await database.run('SET threads = 1')
      const list = names.map(identifier).join(', ')
      await database.stream(`SELECT ${list} FROM read_parquet(${pathLiteral(path)})`, chunk => {
        names.forEach((name, column) => {
          const vector = chunk.getColumnVector(column)
          for (let row = 0; row < chunk.rowCount; row++) {
            const value = vector.getItem(row) as number | bigint | string | null
            table[name].push(typeof value === 'bigint' ? Number(value) : value)
          }
        })
      })
    })
  } catch (error) {
    throw new DataError(`${path}: cannot be read: ${firstLine(messageOf(error))}; run the stage again`, {
      cause: error,
    })
  }
  return table
}
