/** Drives the dispatcher: gives the machine time and replies, and does what it says. */
import { createMachine } from './machine.ts'
import type { MachineEvent, MachineOptions } from './machine-events.ts'
import type { Outcome } from './replies.ts'
import type { Task, Workload } from './workload.ts'

/** Time, as the dispatcher needs it: a test has its own. */
export interface Clock {
  /** seconds of a steady clock */
  now(): number
  /** Calls back once after some seconds; returns what cancels that. */
  after(seconds: number, callback: () => void): () => void
  /** Calls back when everything that has arrived by now was delivered. */
  soon(callback: () => void): void
}

export const systemClock: Clock = {
  now: () => performance.now() / 1000,
  after(seconds, callback) {
    // timers take no more than 2³¹ ms
    const timer = setTimeout(callback, Math.min(Math.max(1, Math.ceil(seconds * 1000)), 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
  soon: callback => void setImmediate(callback),
}

/** @throws what `signal` aborts with */
export function sleep(clock: Clock, seconds: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const cancel = clock.after(seconds, resolve)
  signal?.addEventListener('abort', () => [cancel(), reject(signal.reason)], { once: true })
  return promise
}

/** Sends the body of a request to an endpoint. What it throws ends the job: failures of an endpoint are outcomes. */
export type Send = (url: string, body: string) => Promise<Outcome>

export interface DispatchOptions extends MachineOptions {
  readonly send: Send
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
}

/**
 * Does all tasks of a workload. When stopped, by `signal` or by a reason of the workload, it waits for what is in flight.
 * @throws whatever `signal` aborts with; BudgetError; RunError when no endpoint answers or all refuse
 */
export async function dispatch<T extends Task>(workload: Workload<T>, options: DispatchOptions): Promise<void> {
  const { send, signal, clock = systemClock } = options
  signal?.throwIfAborted()
  const machine = createMachine<T>(options)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const inbox: MachineEvent<T>[] = []
  let awake = false
  let failed = false
  let cancelTimer = () => {}

  /** By something that no endpoint is to blame for, such as a full disk: nothing more can be kept. */
  const fail = (error: unknown) => {
    failed = true
    reject(error)
  }
  const deliver = (event: MachineEvent<T>) => {
    if (failed) return
    inbox.push(event)
    if (!awake) clock.soon(process)
    awake = true
  }
  const perform = (event: MachineEvent<T>) => {
    const events = [event]
    for (let next = events.shift(); next; next = events.shift())
      for (const action of machine.step(clock.now(), next)) {
        if (action.kind === 'take') events.push({ kind: 'taken', taken: workload.take(action.count) })
        else if (action.kind === 'settle') workload.settle(action.task, action.settled)
        else if (action.kind === 'failed')
          workload.failed(action.task, action.url, action.outcome.reason, action.outcome.detail)
        else if (action.kind === 'send') {
          const { job, url } = action
          send(url, workload.body(job.task)).then(outcome => deliver({ kind: 'reply', job, outcome }), fail)
        } else finish(action.left, action.stop)
      }
  }
  const finish = (left: readonly T[], stop: { readonly error: unknown } | undefined) => {
    workload.flush()
    workload.giveBack(left)
    if (stop) reject(stop.error)
    else resolve()
  }
  const process = () => {
    awake = false
    cancelTimer()
    try {
      for (const event of inbox.splice(0)) perform(event)
      // what was answered makes room in a budget once it is written
      workload.flush()
      const reason = workload.shouldStop?.()
      if (reason) perform({ kind: 'stop', error: reason })
      perform({ kind: 'tick' })
      const wakeAt = machine.wakeAt()
      if (Number.isFinite(wakeAt)) cancelTimer = clock.after(wakeAt - clock.now(), () => deliver({ kind: 'tick' }))
    } catch (error) {
      fail(error)
    }
  }
  const interrupt = () => deliver({ kind: 'stop', error: signal!.reason })
  signal?.addEventListener('abort', interrupt)
  deliver({ kind: 'tick' })
  try {
    await promise
  } finally {
    signal?.removeEventListener('abort', interrupt)
    cancelTimer()
  }
}
