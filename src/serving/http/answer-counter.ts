/** Gives answers their request ids, and counts them for `dualtree events report`. */
import type { AnswerCounts, EventLog } from '../events/event-log.ts'
import { type Call, newRequestId, sourceOf } from '../events/request-id.ts'
import { dayOf } from './clock.ts'

export interface AnswerCounter {
  /**
   * @param chosen by the client; one is drawn when absent. Answers to "playground" are given, but not counted
   * @returns the id for the answer
   */
  next(model: string, call: Call, chosen: string | undefined): string
  /** Writes what was counted into the log; what cannot be written now is written the next time. */
  flush(): void
}

/** Request ids that clients chose and that wait for the next flush, at most. */
const MOST_NAMED = 100_000

/** The request id of the page that nobody buys on. */
const PLAYGROUND = 'playground'

export function createAnswerCounter(log: EventLog | undefined, now: () => number): AnswerCounter {
  const sources = new Map<string, string>()
  const counts = new Map<string, AnswerCounts['counts'][number]>()
  const named = new Map<string, string>()
  return {
    next(model, call, chosen) {
      const of = `${call} ${model}`
      const source = sources.get(of) ?? sourceOf(model, call)
      sources.set(of, source)
      if (log && chosen !== PLAYGROUND) {
        const day = dayOf(now())
        const key = `${day} ${source}`
        counts.set(key, { source, model, call, day, answers: (counts.get(key)?.answers ?? 0) + 1 })
        if (chosen !== undefined && named.size < MOST_NAMED) named.set(chosen, source)
      }
      return chosen ?? newRequestId(source)
    },
    flush() {
      if (counts.size === 0) return
      log?.countAnswers({ counts: [...counts.values()], named: [...named] })
      counts.clear()
      named.clear()
    },
  }
}
