/**
 * What users did while a model was served: an append-only log in SQLite. An event that was accepted is on disk in the
 * write-ahead log, so it survives `kill -9`; with `sync: 'full'` it survives a power failure too.
 */
import { randomUUID } from 'node:crypto'
import { saysNo } from '../../dataset/columns/names.ts'
import type { ExternalId } from '../../dataset/dataset.ts'
import { messageOf } from '../../errors.ts'
import { digestOf, openDatabase } from './event-database.ts'
import { WHOLE } from './schema.ts'

export interface NewEvent {
  /** chosen by the client, so that it can repeat a request whose answer was lost; made up when absent */
  readonly id?: string | undefined
  readonly user: ExternalId
  readonly item: ExternalId
  readonly type: string
  readonly weight: number
  /** ms since 1970 */
  readonly time: number
  readonly requestId?: string | undefined
}

export interface Appended {
  readonly accepted: number
  /** events whose id was in the log already */
  readonly duplicates: number
}

/** Answers given since the last count. */
export interface AnswerCounts {
  readonly counts: readonly {
    /** as request ids begin: see request-id.ts */
    readonly source: string
    readonly model: string
    readonly call: string
    /** days since 1970, UTC */
    readonly day: number
    readonly answers: number
  }[]
  /** request ids that clients chose, with their sources */
  readonly named: readonly (readonly [requestId: string, source: string])[]
}

/** Items of one user in the order of arrival, an item only at its latest place, and its weights summed since an event that says no. */
export interface EventHistory {
  readonly items: readonly string[]
  readonly weights: readonly number[]
  /** items whose latest event says no, such as a return or a dislike */
  readonly refused: readonly string[]
}

export interface EventLog {
  /**
   * Resolves once the events are on disk. Events of requests that arrive together share one transaction.
   * @throws EventsUnavailable when they could not be written (disk full, database locked): none of them is in the log
   */
  append(events: readonly NewEvent[]): Promise<Appended>
  /** @param limit at most so many of the latest events */
  historyOf(user: ExternalId, limit: number): EventHistory
  /** Adds to the counts; a crash may lose those of the last second, never an event. */
  countAnswers(counts: AnswerCounts): void
  close(): void
}

/** The log cannot take events now; the message says why and what to do. */
export class EventsUnavailable extends Error {}

export interface EventLogOptions {
  /** `full` waits for the disk at each commit, `normal` for the operating system */
  readonly sync?: 'normal' | 'full'
  /** MB that the log may take; no limit when absent */
  readonly maxMegabytes?: number | undefined
  /** Told of each event, by its number, that is not as it was written: it is left out of histories. */
  readonly onDamaged?: (number: number) => void
}

interface HistoryRow {
  readonly number: number
  readonly item_id: string
  readonly type: string
  readonly weight: number
  readonly whole: number
}

/** @throws UsageError when the file cannot be opened or is not an event log; DataError for another version */
export function openEventLog(
  path: string,
  { sync = 'normal', maxMegabytes, onDamaged }: EventLogOptions = {},
): EventLog {
  const database = openDatabase(path)
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${sync}; PRAGMA busy_timeout = 2000`)
  const { page_size } = database.prepare('PRAGMA page_size').get() as { page_size: number }
  if (maxMegabytes !== undefined)
    database.exec(`PRAGMA max_page_count = ${Math.ceil((maxMegabytes * 2 ** 20) / page_size)}`)
  const insert = database.prepare(
    'INSERT INTO main.events VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING',
  )
  const history = database.prepare(
    `SELECT number, item_id, type, weight, ${WHOLE} AS whole FROM main.events WHERE user_id = ? ORDER BY number DESC LIMIT ?`,
  )
  const damaged = new Set<number>()
  const count = database.prepare(
    `INSERT INTO answers VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (source, day) DO UPDATE SET answers = answers + excluded.answers`,
  )
  const name = database.prepare('INSERT OR REPLACE INTO named_answers VALUES (?, ?)')
  const write = <T>(body: () => T): T => {
    try {
      database.exec('BEGIN IMMEDIATE')
      const value = body()
      database.exec('COMMIT')
      return value
    } catch (error) {
      // SQLite has rolled back on its own where the disk is full
      if (database.isOpen && database.isTransaction) database.exec('ROLLBACK')
      throw unavailable(path, error)
    }
  }

  interface Waiting {
    readonly events: readonly NewEvent[]
    readonly settle: (appended: Appended) => void
    readonly refuse: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  const commit = () => {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    try {
      const results = write(() => batch.map(({ events }) => events.reduce((sum, event) => sum + add(event), 0)))
      batch.forEach(({ events, settle }, index) => {
        settle({ accepted: results[index], duplicates: events.length - results[index] })
      })
    } catch (error) {
      for (const { refuse } of batch) refuse(error)
    }
  }
  const add = ({ id = randomUUID(), user, item, type, weight, time, requestId }: NewEvent) => {
    const row = [id, String(user), String(item), type, weight, time, requestId ?? null] as const
    return Number(insert.run(...row, digestOf(...row)).changes)
  }

  return {
    append(events) {
      return new Promise((settle, refuse) => {
        if (waiting.length === 0) setImmediate(commit)
        waiting.push({ events, settle, refuse })
      })
    },
    historyOf(user, limit) {
      const rows = history.all(String(user), limit) as unknown as HistoryRow[]
      const latest = new Map<string, number>()
      const ended = new Set<string>()
      for (const { number, item_id, type, weight, whole } of rows)
        if (whole) {
          if (saysNo(type)) ended.add(item_id)
          else if (!ended.has(item_id)) latest.set(item_id, (latest.get(item_id) ?? 0) + weight)
        } else if (!damaged.has(number)) {
          damaged.add(number)
          onDamaged?.(number)
        }
      const refused = [...ended].filter(item => !latest.has(item))
      return { items: [...latest.keys()].reverse(), weights: [...latest.values()].reverse(), refused }
    },
    countAnswers({ counts, named }) {
      write(() => {
        for (const { source, model, call, day, answers } of counts) count.run(source, model, call, day, answers)
        for (const [requestId, source] of named) name.run(requestId, source)
      })
    },
    close() {
      commit()
      if (database.isOpen) database.close()
    },
  }
}

function unavailable(path: string, error: unknown): EventsUnavailable {
  const reason = messageOf(error)
  const remedy = /full/i.test(reason)
    ? 'free some space or raise --events-max-mb'
    : 'the same request can be sent again'
  return new EventsUnavailable(`events cannot be written to ${path}: ${reason}; ${remedy}`, { cause: error })
}
