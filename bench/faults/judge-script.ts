/** Two askers on one ledger, and servers with every fault, in virtual time: until all is answered, through stops and starts. */
import { deepStrictEqual, ok } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askAll } from '../../src/judges/llm/asking.ts'
import { collectVerdicts, countOpen, type JudgeSession, withSession } from '../../src/judges/llm/llm-judge.ts'
import { promptOptions } from '../../src/judges/llm/prompt-options.ts'
import { askingOptions } from '../../src/llm/asking-options.ts'
import type { ChatClient } from '../../src/llm/chat-client.ts'
import { ConnectionFault } from '../../src/llm/http.ts'
import { readFailure, readReply } from '../../src/llm/replies.ts'
import { derive, randomStream } from '../../src/random.ts'
import { answerTo } from '../../test/support/chat-server.ts'
import { randomCandidates, randomCodes } from '../../test/support/judging.ts'
import { randomDataset } from '../../test/support/toy.ts'
import { createVirtualClock, type VirtualClock } from '../../test/support/virtual-clock.ts'

export const train = randomDataset(60, 80, 0.06)
export const candidates = randomCandidates(train, 8)
export const codes = randomCodes(train.items)

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
  ledgerOf: () => JudgeSession | undefined,
): ChatClient {
  return {
    urls: ['http://a', 'http://b'],
    use: body =>
      body((_url, text) => {
        const { messages } = JSON.parse(text)
        const session = ledgerOf()
        const asked = session?.distinct.find(question => session.maker.prompt(question).user === messages[1].content)
        // an answer that was recorded is never asked for again
        if (asked) deepStrictEqual(session!.ledger.state(asked.id), undefined, 'asked again after its answer')
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

export function inInterview<T>(folder: string, body: (session: JudgeSession) => Promise<T> | T): Promise<T> {
  return withSession({ train, codes, seed: 1, folder }, promptOptions.parse({ llmModel: 'tiny' }), candidates, body)
}

/** @throws AssertionError when an answer was lost or asked for twice, a verdict is wrong, or something is left over */
export async function scriptedRound(seed: number, round: number, faults: number): Promise<void> {
  const random = randomStream(derive(seed, 'faults', round))
  const folder = mkdtempSync(join(tmpdir(), 'dualtree-judge-faults-'))
  const left = { faults }
  const options = askingOptions.parse({
    failOnError: 1,
    retries: 100,
    outage: 80_000,
    concurrency: 1 + random.below(8),
  })
  /** One process; it is stopped at a time, or works to the end. */
  const work = (clock: VirtualClock, stopAfter?: number) =>
    inInterview(folder, async session => {
      const stop = new AbortController()
      if (stopAfter !== undefined) clock.after(stopAfter, () => stop.abort('stopped'))
      const client = faultyClient(clock, random, left, () => session)
      await askAll({ session, options, seed: round, client, clock }, { signal: stop.signal })
    }).catch(error => {
      if (error !== 'stopped') throw error
    })
  try {
    for (let stops = random.below(3); stops > 0; stops--) {
      const clock = createVirtualClock()
      await clock.run(Promise.all([work(clock, random.uniform() * 20), work(clock, random.uniform() * 20)]))
    }
    const clock = createVirtualClock()
    await clock.run(Promise.all([work(clock), work(clock)]))
    await inInterview(folder, checkAll)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function checkAll(session: JudgeSession): Promise<void> {
  const { ledger, distinct, questions, maker, job } = session
  deepStrictEqual(countOpen(session), 0, 'prompts are open')
  const { labels, details } = await collectVerdicts(session, candidates)
  for (const question of questions) {
    const right = answerTo(maker.prompt(question).user, 2).labels
    question.places.forEach((place, at) => {
      if (labels[place] >= 0) deepStrictEqual(labels[place], Number(right[at] === 'positive'), 'a wrong verdict')
    })
  }
  const bad = Object.values((details as { faults: Record<string, number> }).faults).reduce((a, b) => a + b, 0)
  ok(bad < distinct.length, 'no valid answer')
  deepStrictEqual(ledger.spending('tiny').reserved, { promptTokens: 0, completionTokens: 0 })
  deepStrictEqual(ledger.job(job)?.done ?? distinct.length, distinct.length)
}
