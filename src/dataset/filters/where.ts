/** Rows by a condition of `--where`: written out as plain CSV, and asked of DuckDB, which knows the types. */

import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../errors.ts'
import { listOf } from '../../numbers.ts'
import { createCollector } from '../columns/collect.ts'
import type { ChosenColumns } from '../columns/columns.ts'
import type { Account, Rows } from '../columns/rows.ts'
import { createScratch } from '../files/disk.ts'
import { firstLine, identifier, literal, pathLiteral, withDatabase } from '../files/duckdb.ts'
import { quoteCell } from '../files/text.ts'
import type { ReadRequest } from '../formats/format.ts'
import { type Fields, fieldTexts } from '../formats/tables/fields.ts'

/** Takes the values of a row. @param times how often: a row for each entry of a list */
export type Spool = (values: readonly string[], times?: number) => void

/**
 * The rows of a table, marked by the condition where there is one.
 * @param read hands each row to the spool, which is there with a condition alone
 * @throws UsageError for a condition that DuckDB does not understand
 */
export async function readWhere(
  { sniff, where, signal }: ReadRequest,
  names: readonly string[],
  read: (spool?: Spool) => Promise<Rows>,
): Promise<Rows> {
  if (where === undefined) return read()
  const scratch = createScratch()
  const path = join(await scratch.directory(), 'rows.csv')
  const stream: WriteStream = createWriteStream(path)
  let text = line(names)
  const flush = () => {
    stream.write(text)
    text = ''
  }
  try {
    const rows = await read((values, times = 1) => {
      text += line(names.map((_, position) => values[position] ?? '')).repeat(times)
      if (text.length > 1 << 16) flush()
    })
    flush()
    stream.end()
    await once(stream, 'close')
    return { ...rows, passes: await passing(path, names, where, sniff.file.label, signal) }
  } finally {
    stream.destroy()
    await scratch.dispose()
  }
}

/**
 * The rows of a table of fields, with the chosen columns.
 * @param read hands on each row that is kept
 */
export function readFields(
  request: ReadRequest,
  chosen: ChosenColumns,
  names: readonly string[],
  account: Account,
  read: (keep: (fields: Fields, line: number) => void) => Promise<void>,
): Promise<Rows> {
  const collector = createCollector(chosen, names)
  return readWhere(request, names, async spool => {
    const addAndSpool = (fields: Fields, line: number) => {
      const before = collector.count
      collector.add(fields, line)
      spool?.(fieldTexts(fields), collector.count - before)
    }
    await read(spool ? addAndSpool : collector.add)
    return collector.rows(account)
  })
}

const line = (values: readonly string[]) => `${values.map(quoteCell).join(',')}\n`

/** 1 for each row that meets the condition. */
function passing(
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
