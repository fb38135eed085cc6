/** Rows by a condition of `--where`: written out as plain CSV, and asked of DuckDB, which knows the types. */

import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../errors.ts'
import { listOf } from '../../numbers.ts'
import { createScratch } from '../files/disk.ts'
import { firstLine, identifier, literal, pathLiteral, withDatabase } from '../files/duckdb.ts'
import { type Fields, fieldTexts } from '../formats/tables/fields.ts'

export interface Spool {
  /** @param times how often: a row for each entry of a list */
  add(fields: Fields, times: number): void
  addValues(values: readonly string[], times?: number): void
  /** 1 for each row that meets the condition. @throws UsageError for one that DuckDB does not understand */
  passing(condition: string, label: string, signal?: AbortSignal): Promise<Uint8Array>
  dispose(): Promise<void>
}

export async function createSpool(names: readonly string[]): Promise<Spool> {
  const scratch = createScratch()
  const path = join(await scratch.directory(), 'rows.csv')
  const stream: WriteStream = createWriteStream(path)
  let text = `${row(names)}`
  const flush = () => {
    stream.write(text)
    text = ''
  }
  const addValues = (values: readonly string[], times = 1) => {
    const line = row(names.map((_, position) => values[position] ?? ''))
    for (let time = 0; time < times; time++) text += line
    if (text.length > 1 << 16) flush()
  }
  return {
    addValues,
    add: (fields, times) => addValues(fieldTexts(fields), times),
    async passing(condition, label, signal) {
      flush()
      stream.end()
      await once(stream, 'close')
      return passing(path, names, condition, label, signal)
    },
    async dispose() {
      stream.destroy()
      await scratch.dispose()
    },
  }
}

function row(values: readonly string[]): string {
  return `${values.map(value => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')}\n`
}

async function passing(
  path: string,
  names: readonly string[],
  condition: string,
  label: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  return withDatabase(signal, async database => {
    // one thread keeps the order of the rows
    await database.run('SET threads = 1')
    const columns = names.map((name, position) => literal(name || `column${position}`)).join(', ')
    const from =
      `read_csv(${pathLiteral(path)}, header = true, delim = ',', quote = '"', escape = '"', sample_size = -1, ` +
      `null_padding = true, nullstr = ['', 'NULL', '\\N', 'nan', 'NaN'], names = [${columns}])`
    const passes: number[] = []
    try {
      await database.stream(`SELECT coalesce((${condition}), false) FROM ${from}`, chunk => {
        const column = chunk.getColumnVector(0)
        for (let index = 0; index < chunk.rowCount; index++) passes.push(column.getItem(index) ? 1 : 0)
      })
    } catch (error) {
      signal?.throwIfAborted()
      throw notUnderstood(condition, label, names, error as Error)
    }
    return Uint8Array.from(passes)
  })
}

export function notUnderstood(condition: string, label: string, names: readonly string[], error: Error): UsageError {
  return new UsageError(
    `--where ${JSON.stringify(condition)}: ${firstLine(error.message)}; the columns of ${label} are ${listOf(names.map(identifier))}`,
    { cause: error },
  )
}
