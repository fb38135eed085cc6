/** What the dispatcher's machine is told, and what it asks for. */
import type { Lane } from './lane.ts'
import type { Outcome, RetryOutcome } from './replies.ts'
import type { Settled, Taken } from './workload.ts'

export interface MachineOptions {
  readonly baseUrls: readonly string[]
  /** requests in flight to one endpoint, at most */
  readonly concurrency: number
  /** retries of a prompt after server errors */
  readonly retries: number
  /** seconds without any answer after which it is given up */
  readonly outage: number
  /** minutes after which nothing more is sent */
  readonly maxMinutes?: number | undefined
  /** 0 to 1, for waiting times */
  readonly random: () => number
}

/** A task on its way to an answer. */
export interface Job<T> {
  readonly task: T
  /** where it was sent last */
  lane?: Lane
  ticket: number
  sentAt: number
  /** tries that met an error of the server */
  tries: number
  /** where it should not go next, if there is another */
  avoid?: Lane
  /** when it may be sent again */
  due: number
}

export type MachineEvent<T> =
  /** what is due is done; also after each lot of replies and stops, which by themselves only say what became of tasks */
  | { readonly kind: 'tick' }
  /** the answer to `take` */
  | { readonly kind: 'taken'; readonly taken: Taken<T> }
  /** one for each `send` */
  | { readonly kind: 'reply'; readonly job: Job<T>; readonly outcome: Outcome }
  /** nothing more is sent; what is in flight is waited for */
  | { readonly kind: 'stop'; readonly error: unknown }

export type Action<T> =
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'send'; readonly job: Job<T>; readonly url: string }
  | { readonly kind: 'settle'; readonly task: T; readonly settled: Settled }
  | { readonly kind: 'failed'; readonly task: T; readonly url: string; readonly outcome: RetryOutcome }
  /** the last one. @param error why it ended early, if it did */
  | { readonly kind: 'end'; readonly left: readonly T[]; readonly stop?: { readonly error: unknown } }

export interface Machine<T> {
  /** @param now seconds, never less than before */
  step(now: number, event: MachineEvent<T>): Action<T>[]
  /**
   * When it needs a tick, if nothing else happens before; infinite when it waits for replies, or has ended. As of the last step: what
   * has opened since then has a time that is over.
   */
  wakeAt(): number
}
