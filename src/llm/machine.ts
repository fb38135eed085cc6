/**
 * The dispatcher as a state machine: events in, actions out, no clock, no timer and no network. Whoever drives it performs the
 * actions, and gives it a `tick` at `wakeAt`. Whatever happens, it has ended, waits for a reply, or names a time to be woken.
 */
import { BudgetError, RunError } from '../errors.ts'
import { Lane } from './lane.ts'
import type { Action, Job, Machine, MachineOptions } from './machine-events.ts'
import { preferenceOf } from './rendezvous.ts'
import { type FinalOutcome, type Outcome, ParameterRefused, type RetryOutcome } from './replies.ts'
import type { Supply, Taken, Task } from './workload.ts'

/** Seconds between looks at what others are asking. */
const POLL = 0.3
/** Tasks that wait in line, at most, for each that may be in flight. */
const LONGEST_LINE = 50
const FIRST_DELAY = 0.25
const LONGEST_DELAY = 20
/** Seconds; a server that asks to be left alone for longer ends the job. */
const LONGEST_PAUSE = 3600

export function createMachine<T extends Task>(options: MachineOptions): Machine<T> {
  const { concurrency, random } = options
  const baseUrls = [...new Set(options.baseUrls)]
  const jitter = () => 0.5 + random() / 2
  const lanes = baseUrls.map(url => new Lane(url, concurrency, jitter))
  const lines = new Map<Lane, Job<T>[]>(lanes.map(lane => [lane, []]))
  const byUrl = new Map(lanes.map(lane => [lane.url, lane]))
  /** by the time they are due */
  const delayed: Job<T>[] = []
  let supply: Supply = 'ready'
  let budget: BudgetError | undefined
  /** whether asking for tasks may bring some */
  let mayTake = true
  let pollAt = Number.POSITIVE_INFINITY
  let deadline: number | undefined
  /** when the first failure since the last answer was, and for how long the server has asked to wait since */
  let silence: { since: number; asked: number } | undefined
  /** whether anything was answered since the last failure */
  let answering = false
  let stop: { readonly error: unknown } | undefined
  let ended = false
  let actions: Action<T>[] = []
  let steppedAt = 0

  const running = () => lanes.reduce((sum, { inFlight }) => sum + inFlight, 0)
  const waiting = () => lanes.reduce((sum, lane) => sum + lines.get(lane)!.length, 0)
  const halt = (error: unknown) => {
    stop ??= { error }
  }
  const laneFor = ({ task, avoid }: Job<T>, now: number): Lane => {
    const ranked = preferenceOf(task.key, baseUrls).map(url => byUrl.get(url)!)
    const up = ranked.filter(lane => !lane.isDown(now))
    return up.find(lane => lane !== avoid) ?? up[0] ?? ranked.find(lane => lane.refusal === undefined) ?? ranked[0]
  }
  const enqueue = (job: Job<T>, now: number, first = false) => {
    const line = lines.get(laneFor(job, now))!
    if (first) line.unshift(job)
    else line.push(job)
  }
  const later = (job: Job<T>, now: number, seconds: number) => {
    job.due = now + seconds
    const at = delayed.findLastIndex(({ due }) => due <= job.due) + 1
    delayed.splice(at, 0, job)
  }
  const settle = ({ task, lane, sentAt }: Job<T>, now: number, outcome: FinalOutcome) => {
    mayTake = true
    actions.push({ kind: 'settle', task, settled: { ...outcome, endpoint: lane!.url, seconds: now - sentAt } })
  }
  const checkSilence = (now: number, detail: string, pause = 0) => {
    silence ??= { since: now, asked: 0 }
    silence.asked = Math.max(silence.asked, pause)
    // a server that names waiting times has some rounds of them
    const patience = Math.max(options.outage, 10 * silence.asked)
    if (now - silence.since <= patience) return
    halt(
      new RunError(
        `no answer for ${patience} s from ${baseUrls.join(', ')} (${detail}): check that the server runs and what it allows, or wait longer with --outage; the same command resumes`,
      ),
    )
  }
  const retry = (job: Job<T>, lane: Lane, now: number, outcome: RetryOutcome) => {
    const { reason, detail, pause } = outcome
    actions.push({ kind: 'failed', task: job.task, url: lane.url, outcome })
    if (pause !== undefined && pause > LONGEST_PAUSE)
      halt(
        new RunError(
          `${lane.url} asks to wait ${Math.ceil(pause / 60)} minutes (${detail}): start the same command again then`,
        ),
      )
    checkSilence(now, detail, pause)
    if (reason === 'rate-limit') {
      lane.overload(job.ticket, now, pause)
      return enqueue(job, now, true)
    }
    if (reason === 'garbled') lane.succeed()
    else lane.fail(job.ticket, now)
    // a server that is not there, or not ready while nobody answers, has not seen the prompt: that does not count
    if (reason !== 'connection' && (reason !== 'unavailable' || answering)) job.tries++
    answering = false
    if (job.tries > options.retries) {
      const body = `gave up after ${job.tries} tries, the last at ${lane.url}: ${detail}`
      return settle(job, now, { kind: 'error', body })
    }
    job.avoid = lane
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** job.tries) * jitter()
    later(job, now, Math.max(delay, pause ?? 0))
  }
  const reply = (job: Job<T>, now: number, outcome: Outcome) => {
    const lane = job.lane!
    if (outcome.kind === 'retry') return retry(job, lane, now, outcome)
    if (outcome.kind === 'fatal') {
      if (outcome.doubtful && lane.answered)
        return retry(job, lane, now, { kind: 'retry', reason: 'garbled', detail: outcome.detail })
      // a server that has taken the field before means this prompt alone
      if (outcome.parameter !== undefined && lane.answered) {
        lane.succeed()
        return settle(job, now, { kind: 'error', body: outcome.detail })
      }
      if (outcome.parameter !== undefined) halt(new ParameterRefused(lane.url, outcome.parameter, outcome.detail))
      lane.refuse(outcome.detail)
      job.avoid = lane
      enqueue(job, now, true)
      if (lanes.every(({ refusal }) => refusal !== undefined)) halt(refused(lanes))
      return
    }
    silence = undefined
    answering = true
    lane.succeed()
    lane.answered ||= outcome.kind === 'completion'
    if (outcome.kind === 'completion' && outcome.pause !== undefined) lane.pause(now, outcome.pause)
    settle(job, now, outcome)
  }
  const send = (now: number) => {
    for (const lane of lanes) {
      const line = lines.get(lane)!
      // what waits for an endpoint that is down goes elsewhere, where there is one that is not
      if (line.length > 0 && lane.isDown(now) && lanes.some(other => !other.isDown(now)))
        for (const job of line.splice(0)) enqueue(job, now)
    }
    for (const lane of lanes) {
      const line = lines.get(lane)!
      while (line.length > 0 && lane.hasRoom(now)) {
        const job = line.shift()!
        Object.assign(job, { lane, ticket: lane.begin(), sentAt: now })
        actions.push({ kind: 'send', job, url: lane.url })
      }
    }
  }
  const wantsTasks = (now: number): boolean => {
    if (!mayTake && supply !== 'ready') return false
    const idle = running() === 0 && waiting() === 0 && delayed.length === 0
    const hungry = lanes.some(lane => lane.hasRoom(now) && lines.get(lane)!.length === 0)
    return idle || (hungry && waiting() <= LONGEST_LINE * concurrency * lanes.length)
  }
  const accept = (taken: Taken<T>, now: number) => {
    ;({ supply, budget } = { budget: undefined, ...taken })
    mayTake = false
    pollAt = supply === 'elsewhere' ? now + POLL : Number.POSITIVE_INFINITY
    for (const task of taken.tasks) enqueue({ task, tries: 0, ticket: 0, sentAt: 0, due: 0 }, now)
  }
  const advance = (now: number) => {
    if (!stop && now >= deadline!) halt(new BudgetError(`${options.maxMinutes} minutes have passed (--max-minutes)`))
    if (stop) {
      if (running() === 0) end()
      return
    }
    while (delayed.length > 0 && delayed[0].due <= now) enqueue(delayed.shift()!, now, true)
    if (now >= pollAt) [mayTake, pollAt] = [true, Number.POSITIVE_INFINITY]
    send(now)
    if (wantsTasks(now)) {
      const count = lanes.reduce((sum, { limit }) => sum + limit, 0)
      actions.push({ kind: 'take', count: Math.max(8, count) })
    } else if (running() === 0 && waiting() === 0 && delayed.length === 0) {
      if (supply === 'budget') halt(budget)
      if (supply === 'budget' || supply === 'done') end()
    }
  }
  const end = () => {
    ended = true
    const left = [...delayed, ...lines.values().toArray().flat()].map(({ task }) => task)
    actions.push({ kind: 'end', left, ...(stop && { stop }) })
  }

  return {
    step(now, event) {
      actions = []
      steppedAt = now
      if (ended) return actions
      deadline ??= now + (options.maxMinutes ?? Number.POSITIVE_INFINITY) * 60
      if (event.kind === 'stop') halt(event.error)
      else if (event.kind === 'reply') reply(event.job, now, event.outcome)
      else {
        if (event.kind === 'taken') accept(event.taken, now)
        advance(now)
      }
      return actions
    },
    wakeAt() {
      // once it is to stop, only replies count
      if (ended || stop) return Number.POSITIVE_INFINITY
      const openings = lanes.map(lane => lane.opensAt(steppedAt) ?? Number.POSITIVE_INFINITY)
      return Math.min(...openings, pollAt, deadline!, delayed[0]?.due ?? Number.POSITIVE_INFINITY)
    },
  }
}

function refused(lanes: readonly Lane[]): RunError {
  const reasons = lanes.map(({ url, refusal }) => `${url}: ${refusal}`).join('; ')
  const version = lanes.every(({ url }) => /\/v\d/.test(url)) ? '' : ', which ends in /v1 for most servers'
  return new RunError(
    `no endpoint takes our requests (${reasons}): check --base-url${version}, --llm-model, the API key and its quota, then start the same command again`,
  )
}
