/**
 * Sends requests to endpoints, as many at once as they bear, and tries again what may yet be answered. What is asked,
 * and what becomes of an answer, is the business of a `Workload`.
 */
import { setImmediate } from 'node:timers/promises'
import { BudgetError, RunError } from '../../errors.ts'
import { createHttpClient } from './http.ts'
import type { Lane } from './lane.ts'
import { createLines, type Job } from './lines.ts'
import { type Outcome, readFailure, readReply } from './replies.ts'
import type { Supply, Task, Workload } from './workload.ts'

export interface DispatchOptions {
  readonly baseUrls: readonly string[]
  /** `Bearer` token; never logged or written */
  readonly apiKey?: string | undefined
  /** requests in flight to one endpoint, at most */
  readonly concurrency: number
  /** seconds that one try may take */
  readonly timeout: number
  /** tries after the first of a prompt that meets errors of the server */
  readonly retries: number
  /** seconds without any answer after which it is given up */
  readonly outage: number
  /** minutes after which nothing more is sent */
  readonly maxMinutes?: number | undefined
  /** 0 to 1, for waiting times */
  readonly random: () => number
  readonly signal?: AbortSignal | undefined
}

/** Seconds between looks at what others are asking. */
const POLL = 0.3
/** Tasks that wait in line, at most, for each that may be in flight. */
const LONGEST_LINE = 50
const FIRST_DELAY = 0.25
const LONGEST_DELAY = 20

/**
 * Does all tasks of a workload. When stopped, by `signal` or by a reason of the workload, it waits for what is in flight.
 * @throws whatever `signal` aborts with; BudgetError; RunError when no endpoint answers or all refuse
 */
export async function dispatch<T extends Task>(work: Workload<T>, options: DispatchOptions): Promise<void> {
  const { baseUrls, concurrency, random, signal, timeout } = options
  const jitter = () => 0.5 + random() / 2
  const client = createHttpClient()
  const lines = createLines<T>(baseUrls, concurrency, jitter)
  const { lanes } = lines
  const targets = new Map(lanes.map(lane => [lane, new URL(`${lane.url.replace(/\/+$/, '')}/chat/completions`)]))
  const headers: Record<string, string> = options.apiKey ? { authorization: `Bearer ${options.apiKey}` } : {}
  const delayed = new Map<Job<T>, NodeJS.Timeout>()
  const started = performance.now()
  const now = () => (performance.now() - started) / 1000
  let running = 0
  let supply = 'ready' as Supply
  let budget: BudgetError | undefined
  /** when the first failure since the last sign of life was */
  let silentSince: number | undefined
  /** whether anything was answered since the last failure */
  let answering = false
  let stop: { readonly error: unknown } | undefined
  let wake = Promise.withResolvers<void>()

  const halt = (error: unknown) => {
    stop ??= { error }
    wake.resolve()
  }
  const interrupt = () => halt(signal!.reason)

  const idle = () => running === 0 && lines.waiting() === 0 && delayed.size === 0
  const refill = () => {
    const full = lines.waiting() > LONGEST_LINE * concurrency * lanes.length
    if (!idle() && (full || !lines.isHungry(now()))) return
    const taken = work.take(
      Math.max(
        8,
        lanes.reduce((sum, lane) => sum + lane.limit, 0),
      ),
    )
    supply = taken.supply
    budget = taken.budget
    for (const task of taken.tasks) lines.enqueue({ task, tries: 0 }, now())
  }
  const later = (job: Job<T>, seconds: number) => {
    const put = () => {
      delayed.delete(job)
      lines.enqueue(job, now(), true)
      wake.resolve()
    }
    delayed.set(job, setTimeout(put, milliseconds(seconds)))
  }
  /** Somewhere else, if there is somewhere. */
  const elsewhere = (job: Job<T>, lane: Lane, seconds: number) => {
    job.avoid = lane
    later(job, seconds)
  }
  const retry = (
    job: Job<T>,
    lane: Lane,
    ticket: number,
    outcome: Extract<Outcome, { kind: 'retry' }>,
    took: number,
  ) => {
    const { reason, detail, pause } = outcome
    work.failed(job.task, lane.url, reason, detail)
    if (reason === 'rate-limit') {
      silentSince = undefined
      lane.overload(ticket, now(), pause ?? FIRST_DELAY * jitter())
      return later(job, (pause ?? 0) + FIRST_DELAY * random())
    }
    if (reason === 'garbled') lane.succeed(ticket)
    else lane.fail(ticket, now())
    silentSince ??= now()
    if (now() - silentSince > options.outage)
      halt(
        new RunError(
          `no answer for ${options.outage} s from ${baseUrls.join(', ')} (${detail}): see whether the server runs; the same command goes on from here`,
        ),
      )
    // a server that is not there, or not ready while nobody answers, has not seen the prompt: that does not count
    if (reason !== 'connection' && (reason !== 'unavailable' || answering)) job.tries++
    answering = false
    if (job.tries > options.retries) {
      const body = `gave up after ${job.tries} tries, the last at ${lane.url}: ${detail}`
      return work.settle(job.task, { kind: 'error', body, endpoint: lane.url, seconds: took })
    }
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** job.tries) * jitter()
    elsewhere(job, lane, Math.max(delay, pause ?? 0))
  }
  const perform = async (lane: Lane, job: Job<T>) => {
    const ticket = lane.begin()
    const sent = now()
    const body = work.body(job.task)
    const outcome = await client.post(targets.get(lane)!, headers, body, timeout).then(readReply, readFailure)
    const seconds = now() - sent
    if (outcome.kind === 'retry') return retry(job, lane, ticket, outcome, seconds)
    if (outcome.kind === 'fatal') {
      lane.condemn(outcome.detail)
      elsewhere(job, lane, 0)
      if (lanes.every(({ condemned }) => condemned !== undefined)) halt(refusal(lanes))
      return
    }
    silentSince = undefined
    answering = true
    lane.succeed(ticket)
    if (outcome.kind === 'completion' && outcome.pause !== undefined) lane.pause(now(), outcome.pause)
    work.settle(job.task, { ...outcome, endpoint: lane.url, seconds })
  }
  const checkLimits = () => {
    const reason = work.shouldStop?.()
    if (reason) halt(reason)
    else if (now() >= deadline) halt(new BudgetError(`${options.maxMinutes} minutes have passed (--max-minutes)`))
  }
  const send = () => {
    for (const [lane, job] of lines.next(now())) {
      running++
      perform(lane, job)
        .catch(halt)
        .finally(() => {
          running--
          wake.resolve()
        })
    }
  }
  /** Until something happens, or a lane opens again. */
  const nextEvent = async () => {
    const openings = lanes.map(lane => lane.opensAt(now())).filter(at => at !== undefined)
    const polls = supply === 'elsewhere' ? [now() + POLL] : []
    // once it is to stop, only replies count
    const at = stop ? Number.POSITIVE_INFINITY : Math.min(...openings, ...polls, deadline)
    const timer = Number.isFinite(at) ? setTimeout(() => wake.resolve(), milliseconds(at - now())) : undefined
    await wake.promise
    // all replies that have come by now are seen to at once
    await setImmediate()
    clearTimeout(timer)
    wake = Promise.withResolvers()
  }

  const deadline = (options.maxMinutes ?? Number.POSITIVE_INFINITY) * 60
  signal?.addEventListener('abort', interrupt)
  try {
    signal?.throwIfAborted()
    for (;;) {
      work.flush()
      if (!stop) checkLimits()
      if (!stop) {
        refill()
        lines.reroute(now())
        send()
      }
      if (stop ? running === 0 : idle() && supply === 'done') break
      if (!stop && idle() && budget) halt(budget)
      else if (running > 0 || !idle() || supply !== 'ready') await nextEvent()
    }
    if (stop) throw stop.error
  } finally {
    signal?.removeEventListener('abort', interrupt)
    for (const timer of delayed.values()) clearTimeout(timer)
    work.giveBack([...delayed.keys(), ...lines.left()].map(({ task }) => task))
    client.close()
  }
}

/** For a timer, which takes no more than 2³¹. */
function milliseconds(seconds: number): number {
  return Math.min(Math.max(1, seconds * 1000), 2 ** 31 - 1)
}

function refusal(lanes: readonly Lane[]): RunError {
  const reasons = lanes.map(({ url, condemned }) => `${url}: ${condemned}`).join('; ')
  return new RunError(
    `no endpoint takes our requests (${reasons}): see to --base-url, --llm-model and the API key, then start the same command again`,
  )
}
