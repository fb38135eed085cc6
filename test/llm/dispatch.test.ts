import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BudgetError } from '../../src/errors.ts'
import { dispatch } from '../../src/llm/dispatch.ts'
import type { FatalOutcome, FinalOutcome, Outcome, RetryReason } from '../../src/llm/replies.ts'
import type { Taken, Task, Workload } from '../../src/llm/workload.ts'
import { derive, randomStream } from '../../src/random.ts'
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts'

const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 }
const GOOD: FinalOutcome = {
  kind: 'completion',
  completion: { answer: { content: '', truncated: false }, usage },
  body: '',
}
const failure = (reason: RetryReason, pause?: number): Outcome => ({
  kind: 'retry',
  reason,
  detail: reason,
  ...(pause !== undefined && { pause }),
})
const FATAL: FatalOutcome = { kind: 'fatal', detail: 'HTTP 401' }

/** What a server does with one request, and how long that takes. */
interface Deed {
  readonly outcome: Outcome
  readonly seconds: number
}

/** A workload over numbered tasks that writes down what is done to it, and complains of what must not be. */
function createWork({
  tasks,
  clock,
  budget = Number.POSITIVE_INFINITY,
  elsewhereUntil = 0,
  followUps = 0,
}: {
  tasks: number
  clock: VirtualClock
  /** the most that may be reserved and spent, one per task */
  budget?: number | undefined
  /** others hold the last third until then, and will have answered it */
  elsewhereUntil?: number
  /** settled tasks that bring another */
  followUps?: number
}) {
  const open = Array.from({ length: tasks }, (_, index) => String(index))
  const held = elsewhereUntil > 0 ? new Set(open.splice(-Math.ceil(tasks / 3))) : new Set<string>()
  const leased = new Set<string>()
  const settled = new Map<string, string>()
  const unwritten: string[] = []
  let written = 0
  let follow = followUps
  const work: Workload<Task> = {
    take(count): Taken<Task> {
      if (clock.now() >= elsewhereUntil) held.clear()
      const room = budget - written - leased.size
      const taken = open.splice(0, Math.min(count, Math.max(0, room)))
      for (const id of taken) leased.add(id)
      expect(written + leased.size).toBeLessThanOrEqual(budget)
      const list = taken.map(id => ({ id, key: Number(id) % 7 }))
      if (open.length > 0 && taken.length < count)
        return { tasks: list, supply: 'budget', budget: new BudgetError('no room') }
      return { tasks: list, supply: open.length > 0 ? 'ready' : held.size > 0 ? 'elsewhere' : 'done' }
    },
    body: ({ id }) => id,
    settle({ id }, { kind }) {
      expect(leased.has(id)).toBe(true)
      expect(settled.has(id)).toBe(false)
      settled.set(id, kind)
      unwritten.push(id)
      if (follow-- > 0) open.push(`${id}${tasks}`)
    },
    flush() {
      for (const id of unwritten.splice(0)) {
        leased.delete(id)
        written++
      }
    },
    failed: ({ id }) => expect(settled.has(id)).toBe(false),
    giveBack(tasks) {
      for (const { id } of tasks) expect(leased.delete(id)).toBe(true)
    },
  }
  return { work, settled, left: () => open.length + held.size, leased }
}

/** Servers that do what `deed` says, and complain of what must not come. */
function createServers(clock: VirtualClock, concurrency: number, deed: (url: string, number: number) => Deed) {
  const inFlight = new Map<string, Set<string>>()
  const answered = new Set<string>()
  const requests: { url: string; id: string; at: number }[] = []
  const send = (url: string, id: string) => {
    const own = inFlight.get(url) ?? new Set()
    inFlight.set(url, own)
    expect([...inFlight.values()].some(others => others.has(id))).toBe(false)
    expect(answered.has(id)).toBe(false)
    own.add(id)
    expect(own.size).toBeLessThanOrEqual(concurrency)
    const { outcome, seconds } = deed(url, requests.push({ url, id, at: clock.now() }) - 1)
    return new Promise<Outcome>(resolve => {
      clock.after(seconds, () => {
        own.delete(id)
        if (outcome.kind === 'completion') answered.add(id)
        resolve(outcome)
      })
    })
  }
  return { send, requests, busy: () => [...inFlight.values()].some(({ size }) => size > 0) }
}

const REASONS = ['rate-limit', 'connection', 'unavailable', 'timeout', 'reset', 'server', 'garbled'] as const

const schedules = fc.record({
  seed: fc.nat(),
  /** seconds of each look at the clock */
  drift: fc.constantFrom(0, 0, 1e-4, 0.02),
  tasks: fc.integer({ min: 0, max: 60 }),
  servers: fc.integer({ min: 1, max: 3 }),
  concurrency: fc.integer({ min: 1, max: 9 }),
  retries: fc.integer({ min: 0, max: 4 }),
  /** requests that may be met by a fault, and the share that is */
  faulty: fc.integer({ min: 0, max: 200 }),
  share: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
  reasons: fc.subarray([...REASONS], { minLength: 1 }),
  fatal: fc.constantFrom(0, 0, 0.02),
  budget: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  elsewhereUntil: fc.constantFrom(0, 0, 0.2, 3, 40),
  followUps: fc.constantFrom(0, 0, 5),
  stopAt: fc.option(fc.double({ min: 0, max: 30, noNaN: true }), { nil: undefined, freq: 4 }),
  maxMinutes: fc.option(fc.double({ min: 0.001, max: 1, noNaN: true }), { nil: undefined, freq: 4 }),
})

describe('whatever servers, budgets and other processes do', () => {
  it('it ends, loses nothing, asks nothing twice after an answer, and keeps to its limits', async () => {
    const ends = new Set<string>()
    await fc.assert(
      fc.asyncProperty(schedules, async schedule => {
        const { seed, tasks, concurrency, retries, faulty, share, reasons, fatal, stopAt, maxMinutes } = schedule
        const random = randomStream(derive(seed, 'schedule'))
        const clock = createVirtualClock({ drift: schedule.drift })
        const record = createWork({ ...schedule, clock })
        const servers = createServers(clock, concurrency, (_, number) => {
          const seconds = random.uniform() ** 4 * 5
          if (random.uniform() < fatal) return { outcome: FATAL, seconds }
          if (number >= faulty || random.uniform() >= share) return { outcome: GOOD, seconds }
          const reason = reasons[random.below(reasons.length)]
          const pause = random.uniform() < 0.3 ? random.uniform() ** 4 * 20 : undefined
          return { outcome: failure(reason, pause), seconds: reason === 'timeout' ? 10 : seconds }
        })
        const stop = new AbortController()
        if (stopAt !== undefined) clock.after(stopAt, () => stop.abort('stopped'))
        const baseUrls = Array.from({ length: schedule.servers }, (_, index) => `http://${index}`)
        const asking = dispatch(record.work, {
          ...{ baseUrls, concurrency, retries, maxMinutes, clock },
          ...{ outage: 1e6, random: random.uniform, signal: stop.signal, send: servers.send },
        })
        const error = await clock.run(asking).then(
          () => undefined,
          thrown => thrown,
        )
        ends.add(String(error?.message ?? error).replace(/^[\d.]+ | \(.*/g, ''))
        expect(servers.busy()).toBe(false)
        expect(record.leased.size).toBe(0)
        if (error === undefined) {
          expect(record.left()).toBe(0)
          const own = tasks - (schedule.elsewhereUntil > 0 ? Math.ceil(tasks / 3) : 0)
          expect(record.settled.size).toBe(own === 0 ? 0 : own + schedule.followUps)
        } else if (error === 'stopped') expect(stopAt).toBeDefined()
        else if (error.message === 'no room') expect(record.left()).toBeGreaterThan(0)
        else if (/minutes have passed/.test(error.message)) expect(maxMinutes).toBeDefined()
        else if (/no endpoint takes/.test(error.message)) expect(fatal).toBeGreaterThan(0)
        else throw error
      }),
      { numRuns: Number(process.env.DISPATCH_SCHEDULES ?? 3000), seed: 17 },
    )
    // each way to end was among them
    const all = ['undefined', 'stopped', 'no room', 'minutes have passed', 'no endpoint takes our requests']
    expect([...ends].sort()).toEqual(all.sort())
  })
})

describe('a server', () => {
  const ask = async (
    deed: (number: number) => Deed,
    { tasks = 40, outage = 120, concurrency = 8, urls = 1, drift = 0 } = {},
  ) => {
    const clock = createVirtualClock({ drift })
    const record = createWork({ tasks, clock })
    const servers = createServers(clock, concurrency, (_, number) => deed(number))
    const { uniform } = randomStream(derive(1, 'server'))
    const baseUrls = Array.from({ length: urls }, () => 'http://same')
    const options = { baseUrls, concurrency, retries: 6, outage, random: uniform, send: servers.send, clock }
    const error = await clock.run(dispatch(record.work, options)).then(
      () => undefined,
      thrown => thrown,
    )
    return { error, settled: record.settled, requests: servers.requests, seconds: clock.now(), timers: clock.pending() }
  }

  it('that only says 429 is asked less and less, and given up after the outage', async () => {
    const { error, requests, seconds, timers } = await ask(() => ({ outcome: failure('rate-limit'), seconds: 0.01 }))
    expect(error).toMatchObject({
      exitCode: 4,
      message:
        'no answer for 120 s from http://same (rate-limit): check that the server runs and what it allows, or wait longer with --outage; the same command resumes',
    })
    expect(seconds).toBeGreaterThan(120)
    expect(seconds).toBeLessThan(150)
    expect(requests.length).toBeLessThan(120)
    expect(timers).toBe(0)
  })

  it('that says 429 and names times is waited for ten of them, however long', async () => {
    const { error, seconds } = await ask(() => ({ outcome: failure('rate-limit', 60), seconds: 0.01 }))
    expect(error.message).toMatch(/^no answer for 600 s from/)
    expect(seconds).toBeLessThan(700)
  })

  it('that asks for more than an hour ends the job at once, with the time', async () => {
    const { error, seconds } = await ask(() => ({ outcome: failure('rate-limit', 86_400), seconds: 0.01 }))
    expect(error.message).toBe('http://same asks to wait 1440 minutes (rate-limit): start the same command again then')
    expect(seconds).toBeLessThan(1)
  })

  it('that takes every second request after a storm of 429 answers all', async () => {
    const { error, settled } = await ask(number => ({
      outcome: number > 40 && number % 2 === 0 ? GOOD : failure('rate-limit'),
      seconds: 0.01,
    }))
    expect(error).toBeUndefined()
    expect([...settled.values()]).toEqual(Array(40).fill('completion'))
  })

  it('whose pause ends while the clock is looked at is asked again', async () => {
    for (let pause = 0.001; pause < 0.1; pause += 0.001) {
      const deed = (number: number) => ({ outcome: number % 2 === 1 ? GOOD : failure('rate-limit', pause), seconds: 0 })
      const { error, settled } = await ask(deed, { tasks: 3, concurrency: 1, drift: 0.02 })
      expect(error).toBeUndefined()
      expect(settled.size).toBe(3)
    }
  })

  it('with a page of HTML between its answers is asked again; with nothing else, it is none', async () => {
    const page: FatalOutcome = { kind: 'fatal', detail: 'a page', doubtful: true }
    const sometimes = await ask(number => ({ outcome: number % 3 === 2 ? page : GOOD, seconds: 0 }), { tasks: 9, concurrency: 1 })
    expect(sometimes.error).toBeUndefined()
    expect(sometimes.settled.size).toBe(9)
    const { error } = await ask(() => ({ outcome: page, seconds: 0 }), { tasks: 3 })
    expect(error.message).toContain('a page): check --base-url, which ends in /v1 for most servers')
  }) // biome-ignore format: one line

  it('named twice is one', async () => {
    const { error } = await ask(() => ({ outcome: FATAL, seconds: 0 }), { urls: 2 })
    expect(error.message).toMatch(/^no endpoint takes our requests \(http:\/\/same: HTTP 401\)/)
  })

  it('a workload that cannot write ends the job with its error', async () => {
    const clock = createVirtualClock()
    const { work } = createWork({ tasks: 5, clock })
    const { send } = createServers(clock, 2, () => ({ outcome: GOOD, seconds: 1 }))
    const settle = () => {
      throw new Error('disk is full')
    }
    const broken = { ...work, settle }
    const options = { baseUrls: ['http://a'], concurrency: 2, retries: 1, outage: 1, random: () => 0, send, clock }
    await expect(clock.run(dispatch(broken, options))).rejects.toThrow('disk is full')
  })
})
