/** What the routes of a server share. */
import type { EventLog } from '../events/event-log.ts'
import type { ServingModel } from '../model/serving-model.ts'
import type { AnswerCounter } from './answer-counter.ts'
import type { JsonLog } from './json-log.ts'
import type { Keys } from './keys.ts'
import type { ServeOptions } from './options.ts'
import type { ServerMetrics } from './server-metrics.ts'

export interface ServerContext {
  readonly options: Pick<ServeOptions, 'maxK' | 'maxHistory' | 'maxBodyKb' | 'rate' | 'logIds'> & {
    /** without keys, answer only to the names of this machine */
    readonly localOnly?: boolean
  }
  /** undefined before the first model is loaded */
  readonly model: () => ServingModel | undefined
  /** false while it drains */
  readonly isReady: () => boolean
  readonly keys: () => Keys
  readonly events: EventLog | undefined
  readonly answers: AnswerCounter
  readonly metrics: ServerMetrics
  readonly log: JsonLog
  /** ms since 1970 */
  readonly now: () => number
}
