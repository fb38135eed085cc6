/** The event log as a Parquet table of interactions: user_id, item_id, time, type, weight, request_id, event_id. */
import { z } from 'zod'
import { type Column, writeTable } from '../../dataset/table.ts'
import { UsageError } from '../../errors.ts'
import { integer, parseOptions } from '../../options.ts'
import { readEventLog } from './read-event-log.ts'

export const exportEventsOptions = z.object({
  types: z.array(z.string()).default([]).describe('only events of these types, such as click,purchase; all when none'),
  after: integer(0)
    .default(0)
    .describe('only events with a higher number; the command prints the last one that it wrote'),
})

export interface ExportedEvents {
  readonly file: string
  readonly rows: number
  /** events of the log that are not as they were written, and are left out */
  readonly damaged: number
  /** number of the last event in the file, to give as `after` the next time; `after` when there is none */
  readonly last: number
}

interface Row {
  readonly number: number
  readonly user_id: string
  readonly item_id: string
  readonly time: number
  readonly type: string
  readonly weight: number
  readonly request_id: string | null
  readonly event_id: string
}

/** In order of arrival. Ids are integers where all of them are. The table is written atomically. */
export async function exportEvents(
  log: string,
  file: string,
  given: Record<string, unknown> = {},
): Promise<ExportedEvents> {
  const { types, after } = parseOptions(exportEventsOptions, given, 'events export')
  if (!/\.(parquet|pq)$/i.test(file))
    throw new UsageError(`--out writes Parquet: give a file that ends in .parquet, got "${file}"`)
  const { database, damaged } = readEventLog(log)
  try {
    // one transaction: the server goes on writing, and rows are counted first
    database.exec('BEGIN')
    const where = `FROM events WHERE number > ? AND (json_array_length(?) = 0 OR type IN (SELECT value FROM json_each(?)))`
    const parameters = [after, JSON.stringify(types), JSON.stringify(types)] as const
    const { rows, last } = database
      .prepare(`SELECT count(*) AS rows, max(number) AS last ${where}`)
      .get(...parameters) as {
      rows: number
      last: number | null
    }
    const cursor = database.prepare(`SELECT * ${where} ORDER BY number`).iterate(...parameters) as Iterator<Row>
    const rowAt = forwardRows(cursor)
    const text = (name: keyof Row): Column => ({ name, type: 'VARCHAR', value: row => rowAt(row)[name] })
    const id = (name: 'user_id' | 'item_id'): Column => {
      const integers = database.prepare(`SELECT count(*) AS other ${where} AND ${NOT_INTEGER.replaceAll('?id', name)}`)
      const { other } = integers.get(...parameters) as { other: number }
      return other > 0 ? text(name) : { name, type: 'BIGINT', value: row => Number(rowAt(row)[name]) }
    }
    const columns: Column[] = [
      id('user_id'),
      id('item_id'),
      { name: 'time', type: 'BIGINT', value: row => rowAt(row).time },
      text('type'),
      { name: 'weight', type: 'DOUBLE', value: row => rowAt(row).weight },
      text('request_id'),
      text('event_id'),
    ]
    await writeTable(file, columns, rows)
    return { file, rows, damaged, last: last ?? after }
  } finally {
    database.close()
  }
}

/** The one spelling of an integer that a double holds exactly, as the readers of files have it. */
const NOT_INTEGER = `NOT (CAST(CAST(?id AS INTEGER) AS TEXT) = ?id AND abs(CAST(?id AS INTEGER)) <= ${Number.MAX_SAFE_INTEGER})`

/** Rows by index where each column goes through a piece of the table after another: only that piece is held. */
function forwardRows(cursor: Iterator<Row>, piece = 2048): (row: number) => Row {
  let start = 0
  let held: Row[] = []
  return row => {
    while (row >= start + held.length) {
      start += held.length
      held = []
      while (held.length < piece) {
        const { value, done } = cursor.next()
        if (done) break
        held.push(value)
      }
    }
    return held[row - start]
  }
}
