/** Click-through of each model that was served, from the request ids that events name. */
import { wilsonInterval } from '../../statistics/binary/proportion.ts'
import type { Interval } from '../../statistics/bootstrap.ts'
import { readEventLog } from './read-event-log.ts'
import { SOURCE_LENGTH } from './request-id.ts'

export interface ModelClicks {
  readonly model: string
  readonly call: string
  /** days since 1970, UTC */
  readonly firstDay: number
  readonly lastDay: number
  readonly answers: number
  /** answers that at least one event names */
  readonly clicked: number
  /** clicked / answers */
  readonly clickThrough: number
  /** 95 %, Wilson */
  readonly interval: Interval
  /** events that name an answer, by type */
  readonly events: Readonly<Record<string, number>>
}

export interface EventReport {
  readonly events: number
  /** not as they were written, and left out */
  readonly damaged: number
  readonly users: number
  readonly items: number
  /** events that name no answer */
  readonly withoutRequest: number
  /** events that name an answer this log knows nothing of */
  readonly unknownRequest: number
  readonly models: readonly ModelClicks[]
}

/** @param types what counts as a click; all events when empty */
export function reportEvents(log: string, types: readonly string[] = []): EventReport {
  const { database, damaged } = readEventLog(log)
  const all = <T>(sql: string, ...values: string[]) => database.prepare(sql).all(...values) as unknown as T[]
  try {
    // the server goes on writing: everything is read of one state
    database.exec('BEGIN')
    const [totals] = all<Omit<EventReport, 'models' | 'unknownRequest' | 'damaged'>>(
      `SELECT count(*) AS events, count(DISTINCT user_id) AS users, count(DISTINCT item_id) AS items,
       count(*) - count(request_id) AS withoutRequest FROM events`,
    )
    const answers = all<{
      source: string
      model: string
      call: string
      firstDay: number
      lastDay: number
      answers: number
    }>(
      `SELECT source, model, call, min(day) AS firstDay, max(day) AS lastDay, sum(answers) AS answers
       FROM answers GROUP BY source ORDER BY firstDay, model, call`,
    )
    const byType = Map.groupBy(
      all<{ source: string; type: string; count: number }>(
        `SELECT ${SOURCE} AS source, type, count(*) AS count ${NAMING} GROUP BY 1, 2 ORDER BY 2`,
      ),
      ({ source }) => source,
    )
    const clicks = new Map(
      all<{ source: string; clicked: number }>(
        `SELECT ${SOURCE} AS source, count(DISTINCT request_id) AS clicked ${NAMING}
         AND (json_array_length(?) = 0 OR type IN (SELECT value FROM json_each(?))) GROUP BY 1`,
        JSON.stringify(types),
        JSON.stringify(types),
      ).map(({ source, clicked }) => [source, clicked]),
    )
    let known = 0
    const models = answers.map(({ source, ...row }): ModelClicks => {
      const clicked = clicks.get(source) ?? 0
      const events = byType.get(source) ?? []
      known += events.reduce((sum, { count }) => sum + count, 0)
      // a crash may have lost the last second of the count: what was clicked was answered
      const total = Math.max(row.answers, clicked)
      return {
        ...row,
        answers: total,
        clicked,
        clickThrough: clicked / total,
        interval: wilsonInterval(clicked, total),
        events: Object.fromEntries(events.map(({ type, count }) => [type, count])),
      }
    })
    return { ...totals, damaged, unknownRequest: totals.events - totals.withoutRequest - known, models }
  } finally {
    database.close()
  }
}

/** The model and call that an event's request id leads to. */
const SOURCE = `coalesce(source, substr(request_id, 1, ${SOURCE_LENGTH}))`
const NAMING = 'FROM events LEFT JOIN named_answers USING (request_id) WHERE request_id IS NOT NULL'
