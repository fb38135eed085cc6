/**
 * Two processes on one ledger, and servers with every fault: until all is answered, through stops and starts. FAULTS=100000 sets how
 * many faults there are in all.
 */
import { expect, it } from 'vitest'
import { askAll } from '../../src/judges/llm/asking.ts'
import { collectVerdicts, type Interview, withInterview } from '../../src/judges/llm/llm-judge.ts'
import { promptOptions } from '../../src/judges/llm/prompt-options.ts'
import { askingOptions } from '../../src/llm/asking-options.ts'
import type { ChatClient } from '../../src/llm/chat-client.ts'
import { ConnectionFault } from '../../src/llm/http.ts'
import { readFailure, readReply } from '../../src/llm/replies.ts'
import { derive, randomStream } from '../../src/random.ts'
import { budget } from '../support/budget.ts'
import { answerTo } from '../support/chat-server.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts'

const FAULTS = Number(process.env.FAULTS ?? budget(300, 1000))
const train = randomDataset(60, 80, 0.06)
const candidates = randomCandidates(train, 8)
const codes = randomCodes(train.items)

const completion = (content: string, finish = 'stop') =>
  JSON.stringify({ choices: [{ message: { content }, finish_reason: finish }], usage: { prompt_tokens: 50, completion_tokens: 9 } }) // biome-ignore format: one line
const reply = (status: number, body = '{}', headers: Record<string, string> = {}) =>
  readReply({ status, headers, body })
const broken = (kind: ConnectionFault['kind']) => readFailure(new ConnectionFault(kind, kind))

/** What a server does in place of answering well. */
const DEEDS: Record<string, (right: string) => ReturnType<typeof reply>> = {
  storm: () => reply(429),
  'retry-after': () => reply(429, '{}', { 'retry-after': '3' }),
  'in words': () => reply(429, '{"error": {"message": "Please try again in 2.5s"}}'),
  loading: () => reply(503),
  server: () => reply(500, '<html>'),
  drip: () => broken('timeout'),
  reset: () => broken('reset'),
  nobody: () => broken('connection'),
  half: right => reply(200, completion(right).slice(0, 40)),
  'error in 200': () => reply(200, '{"error": {"code": 502, "message": "upstream"}}'),
  cut: right => reply(200, completion(right.slice(0, right.length >> 1), 'length')),
  shifted: right =>
    reply(200, completion(right.replace(/"candidate":(\d+)/g, (_, index) => `"candidate":${+index + 1}`))),
  thought: right => reply(200, completion(`<think>${right.replaceAll('negative', 'positive')}</think>${right}`)),
  empty: () => reply(200, completion('')),
  refusal: () => reply(200, completion('I would rather not.')),
}

/** A server under a clock that has so many faults left. */
function faultyClient(
  clock: VirtualClock,
  random: ReturnType<typeof randomStream>,
  left: { faults: number },
  ledgerOf: () => Interview | undefined,
): ChatClient {
  return {
    urls: ['http://a', 'http://b'],
    use: body =>
      body((_url, text) => {
        const { messages } = JSON.parse(text)
        const interview = ledgerOf()
        const asked = interview?.distinct.find(
          question => interview.maker.prompt(question).user === messages[1].content,
        )
        // an answer that was recorded is never asked for again
        if (asked) expect(interview!.ledger.state(asked.id)).toBeUndefined()
        const right = answerTo(messages[1].content, 2).text
        const names = Object.keys(DEEDS)
        const name = left.faults > 0 && random.uniform() < 0.7 ? names[random.below(names.length)] : undefined
        if (name) left.faults--
        const seconds = name === 'drip' ? 30 : random.uniform() * 2
        return new Promise(resolve => {
          clock.after(seconds, () => resolve(name ? DEEDS[name](right) : reply(200, completion(right))))
        })
      }),
  }
}

it(`${FAULTS} faults: nothing is lost, nothing asked again after its answer, and every verdict is right or invalid`, async () => {
  const rule = new Map<string, Int8Array>()
  let faults = 0
  for (let round = 0; faults < FAULTS; round++) {
    const random = randomStream(derive(7, 'faults', round))
    const folder = await temporaryDirectory()
    const left = { faults: Math.min(150, FAULTS - faults) }
    faults += left.faults
    const inInterview = <T>(body: (interview: Interview) => Promise<T> | T) =>
      withInterview({ train, codes, seed: 1, folder }, promptOptions.parse({ llmModel: 'tiny' }), candidates, body)
    const options = askingOptions.parse({
      failOnError: 1,
      retries: 100,
      outage: 80_000,
      concurrency: 1 + random.below(8),
    })
    /** One process; it is stopped at a time, or works to the end. */
    const work = (clock: VirtualClock, stopAfter?: number) =>
      inInterview(async interview => {
        const stop = new AbortController()
        if (stopAfter !== undefined) clock.after(stopAfter, () => stop.abort('stopped'))
        const client = faultyClient(clock, random, left, () => interview)
        await askAll({ interview, options, seed: round, client, clock }, { signal: stop.signal })
      }).catch(error => {
        if (error !== 'stopped') throw error
      })
    for (let stops = random.below(3); stops > 0; stops--) {
      const clock = createVirtualClock()
      await clock.run(Promise.all([work(clock, random.uniform() * 20), work(clock, random.uniform() * 20)]))
    }
    const clock = createVirtualClock()
    await clock.run(Promise.all([work(clock), work(clock)]))
    await inInterview(async interview => {
      const { ledger, distinct, resolver, job } = interview
      expect(distinct.filter(resolver.open)).toEqual([])
      const { labels, details } = await collectVerdicts(interview, candidates)
      for (const question of interview.questions) {
        const key = interview.maker.prompt(question).user
        const right = rule.get(key) ?? Int8Array.from(answerTo(key, 2).labels, label => Number(label === 'positive'))
        rule.set(key, right)
        question.places.forEach((place, at) => {
          if (labels[place] >= 0) expect(labels[place]).toBe(right[at])
        })
      }
      const bad = Object.values((details as { faults: Record<string, number> }).faults).reduce((a, b) => a + b, 0)
      expect(ledger.spending('tiny').reserved).toEqual({ promptTokens: 0, completionTokens: 0 })
      expect(ledger.job(job)?.done ?? distinct.length).toBe(distinct.length)
      expect(bad).toBeLessThan(distinct.length)
    })
  }
}, 3_600_000)
