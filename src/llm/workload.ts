/** What a dispatcher works on: where tasks come from, and what becomes of them. */
import type { BudgetError } from '../errors.ts'
import type { FinalOutcome, RetryReason } from './replies.ts'

export interface Task {
  readonly id: string
  /** tasks of one key go to one endpoint: the user */
  readonly key: string | number
}

/** What becomes of a task in the end. */
export type Settled = FinalOutcome & { readonly endpoint: string; readonly seconds: number }

/**
 * `ready`: there may be more. `elsewhere`: others are asking what is left. `budget`: there is no room for the next.
 * `done`: nothing is left, until a task that is settled brings another.
 */
export type Supply = 'ready' | 'elsewhere' | 'budget' | 'done'

export interface Taken<T> {
  readonly tasks: readonly T[]
  readonly supply: Supply
  /** with supply `budget`: what to say when nothing that is in flight makes room */
  readonly budget?: BudgetError
}

export interface Workload<T extends Task> {
  /** At most `count` tasks that nobody else will do. */
  take(count: number): Taken<T>
  body(task: T): string
  /** Takes what came of a task; it need not be written before `flush`. */
  settle(task: T, settled: Settled): void
  /** Writes what was settled; called often, and at the end. */
  flush(): void
  /** A try that failed, and will be made again. */
  failed(task: T, endpoint: string, reason: RetryReason, detail: string): void
  /** Gives back tasks that were taken and not settled. */
  giveBack(tasks: readonly T[]): void
  /** Why to stop, if there is a reason. */
  shouldStop?(): Error | undefined
}
