import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { judges } from '../../src/judges/index.ts'
import { INVALID, NEGATIVE, POSITIVE } from '../../src/judges/judge.ts'
import { openLedger } from '../../src/judges/llm/ledger.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import type { ChatServer, ChatServerOptions, Misdeed } from '../support/chat-server.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { startChatServer } from '../support/serving.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(36, 80, 0.06)
const candidates = randomCandidates(train, 8)
const codes = randomCodes(train.items)
const asked = candidates.items.filter(item => item >= 0).length

const judgeWith = (
  name: string,
  {
    folder,
    options = {},
    how = {},
    signal,
    progress,
  }: {
    folder?: string
    options?: object
    how?: object
    signal?: AbortSignal
    progress?: (done: number, total: number, detail?: string) => void
  } = {},
) =>
  judges
    .get(name)
    .create({ train, codes, kernels: createKernels(), seed: 1, folder }, { llmModel: 'tiny', ...options }, how)
    .judge(candidates, { signal, progress })

const ask = async (server: ChatServer | readonly ChatServer[], given: Parameters<typeof judgeWith>[1] = {}) =>
  judgeWith('chat', { ...given, how: { baseUrl: [server].flat().map(({ url }) => url), ...given.how } })

/** The labels that the server's rule gives. */
const right = async () =>
  (
    await judges
      .get('prefix')
      .create({ train, codes, kernels: createKernels(), seed: 1 }, { minPrefix: 2 })
      .judge(candidates)
  ).labels

const count = (labels: Int8Array, label: number) => labels.reduce((sum, own) => sum + Number(own === label), 0)

describe('asking a server', () => {
  it.each(['user', 'pair', 'compact'])('mode %s gives the verdicts of the rule that the prompt states', async mode => {
    const server = await startChatServer()
    const { labels, provenance } = await ask(server, { options: { mode } })
    expect(labels).toEqual(await right())
    expect(provenance).toMatchObject({ judge: 'chat', options: { llmModel: 'tiny', mode }, details: { faults: {} } })
    const { body } = server.requests[0]
    expect(body).toMatchObject({ model: 'tiny', temperature: 0, seed: 1, response_format: { type: 'json_schema' } })
  })

  it('asks the same words once', async () => {
    const server = await startChatServer()
    const alike = { depth: 1, values: new Int8Array(train.items) }
    const context = { train, codes: { structural: alike, semantic: alike }, kernels: createKernels(), seed: 1 }
    const judge = judges.get('chat').create(context, { llmModel: 'tiny', mode: 'pair' }, { baseUrl: [server.url] })
    const { labels } = await judge.judge(candidates)
    // what is left to tell users apart is how many items they have
    expect(server.requests.length).toBeLessThan(20)
    expect(count(labels, NEGATIVE)).toBe(asked)
  })

  it('--logprobs gives p(positive) over both as confidence', async () => {
    const server = await startChatServer()
    const { labels, confidence } = await ask(server, { options: { logprobs: true } })
    expect(server.requests[0].body).toMatchObject({ logprobs: true, top_logprobs: 8 })
    labels.forEach((label, place) => {
      if (label === POSITIVE) expect(confidence[place]).toBeCloseTo(0.8, 6)
      if (label === NEGATIVE) expect(confidence[place]).toBeCloseTo(0.2, 6)
    })
  })

  it('keeps a user on one server, and uses all', async () => {
    const servers = await Promise.all([startChatServer(), startChatServer(), startChatServer()])
    await ask(servers, { options: { mode: 'pair' } })
    const histories = servers.map(
      ({ requests }) => new Set(requests.map(({ body }) => body.messages[1].content.split('\n\n')[0])),
    )
    for (const own of histories) expect(own.size).toBeGreaterThan(5)
    const all = new Set(histories.flatMap(own => [...own]))
    expect(all.size).toBe(histories.reduce((sum, own) => sum + own.size, 0))
  })

  it('sends the key that the environment has, and never writes it down', async () => {
    const server = await startChatServer()
    const folder = await temporaryDirectory()
    process.env.TEST_JUDGE_KEY = 'secret-key-1'
    await ask(server, { folder, how: { apiKeyEnv: 'TEST_JUDGE_KEY' } })
    expect(server.requests[0].headers.authorization).toBe('Bearer secret-key-1')
    const { readFileSync, readdirSync } = await import('node:fs')
    for (const name of readdirSync(folder).filter(file => file.startsWith('ledger')))
      expect(readFileSync(`${folder}/${name}`).includes('secret-key-1')).toBe(false)
  })

  it('what is in the ledger is not asked again', async () => {
    const server = await startChatServer()
    const folder = await temporaryDirectory()
    const first = await ask(server, { folder })
    const requests = server.requests.length
    await server.stop()
    expect(await ask(server, { folder })).toEqual(first)
    expect(server.requests).toHaveLength(requests)
    const { labels } = await judgeWith('batch', { folder })
    expect(labels).toEqual(first.labels)
  })
})

describe('a server with faults', () => {
  const script = async (misdeed: ChatServerOptions['misdeed'], given: Parameters<typeof judgeWith>[1] = {}) => {
    const server = await startChatServer(misdeed ? { misdeed } : {})
    const folder = await temporaryDirectory()
    const verdicts = await ask(server, { folder, ...given })
    const ledger = await openLedger(folder)
    const faults = ledger.faults('tiny')
    ledger.close()
    return { ...verdicts, server, faults }
  }
  const once = (misdeed: Misdeed) => (request: { number: number; repeats: number }) =>
    request.number % 3 === 0 && request.repeats === 0 ? misdeed : undefined

  it.each<[string, Misdeed, string]>([
    ['a storm of 429 with Retry-After', { status: 429, headers: { 'retry-after-ms': '20' } }, 'rate-limit'],
    ['429 with rate-limit headers', { status: 429, headers: { 'x-ratelimit-reset-requests': '20ms' } }, 'rate-limit'],
    ['500', { status: 500 }, 'server'],
    ['408', { status: 408 }, 'server'],
    ['409', { status: 409 }, 'server'],
    ['resets in the middle of the body', 'reset', 'reset'],
    ['half of the JSON', 'half-json', 'garbled'],
  ])('%s: tried again, and all is right in the end', async (_, misdeed, kind) => {
    const { labels, faults } = await script(once(misdeed))
    expect(labels).toEqual(await right())
    expect(faults[kind]).toBeGreaterThan(3)
    expect(Object.keys(faults)).toEqual([kind])
    // waits grow with every refusal, and on a busy machine there are more of them
  })

  it.each<['silence' | 'drip']>([['silence'], ['drip']])(
    '%s ends at the timeout, and is tried again',
    async misdeed => {
      const { labels, faults } = await script(({ number }) => (number === 0 ? misdeed : undefined), {
        how: { timeout: 0.4 },
      })
      expect(labels).toEqual(await right())
      expect(faults).toEqual({ timeout: expect.toSatisfy((times: number) => times > 0) })
    },
  )

  it('503 while a model loads counts as no try of a prompt', async () => {
    const { labels, faults } = await script(({ number }) => (number < 3 ? { status: 503 } : undefined), {
      how: { retries: 0 },
    })
    expect(labels).toEqual(await right())
    expect(faults).toEqual({ unavailable: 3 })
  })

  it('503 for one prompt, while others are answered, counts: it ends as an error', async () => {
    let refused: string | undefined
    const { labels } = await script(
      ({ body }) => {
        refused ??= body.messages[1].content
        return body.messages[1].content === refused ? { status: 503 } : undefined
      },
      { how: { retries: 0 } },
    )
    // the candidates of one user, of whom there are 8 at most
    expect(count(labels, INVALID)).toBeGreaterThan(0)
    expect(count(labels, INVALID)).toBeLessThanOrEqual(8)
  })

  it('an answer that is cut off is kept, and only what it missed is asked again', async () => {
    const { labels, server } = await script(({ body, repeats }) =>
      repeats === 0 && body.messages[1].content.includes('\n7. ') ? 'length' : undefined,
    )
    expect(labels).toEqual(await right())
    const again = server.requests.filter(({ body }) => /Candidates \([1-6]\)/.test(body.messages[1].content))
    expect(again.length).toBeGreaterThan(10)
  })

  it('a prompt that is too long is asked with less history', async () => {
    const overflow = JSON.stringify({ error: { message: "This model's maximum context length is 100 tokens." } })
    const { labels, server } = await script(({ body }) =>
      Number(/History \((\d+)/.exec(body.messages[1].content)![1]) > 4 ? { status: 400, body: overflow } : undefined,
    )
    expect(count(labels, INVALID)).toBe(0)
    expect(server.requests.length).toBeGreaterThan(36)
  })

  it.each<[Misdeed, string]>([
    ['refusal', 'refused'],
    ['empty', 'empty'],
  ])('%s: invalid, never negative', async (misdeed, fault) => {
    const { labels, provenance } = await script(({ number }) => (number === 5 ? misdeed : undefined), {})
    const rule = await right()
    labels.forEach((label, place) => {
      if (label !== INVALID) expect(label).toBe(rule[place])
    })
    expect(count(labels, INVALID)).toBeGreaterThan(0)
    expect(count(labels, INVALID)).toBeLessThan(9)
    expect(provenance.details).toMatchObject({ faults: { [fault]: 1 } })
  })

  it('a model that counts from 1 is read so', async () => {
    expect((await script(() => 'shifted')).labels).toEqual(await right())
  })

  it('one replica that only says 500 is left alone', async () => {
    const servers = await Promise.all([startChatServer({ misdeed: () => ({ status: 500 }) }), startChatServer()])
    expect((await ask(servers)).labels).toEqual(await right())
    expect(servers[0].requests.length).toBeLessThan(30)
  })

  it('a rate limit is waited for, not run away from to another server', async () => {
    const limited = ({ repeats }: { repeats: number }) =>
      repeats === 0 ? ({ status: 429, headers: { 'retry-after-ms': '10' } } as const) : undefined
    const servers = await Promise.all([startChatServer({ misdeed: limited }), startChatServer()])
    expect((await ask(servers)).labels).toEqual(await right())
    const words = servers.map(({ requests }) => new Set(requests.map(({ text }) => text)))
    expect([...words[0]].filter(text => words[1].has(text))).toEqual([])
  })

  it('a server that is started again in the middle is waited for', async () => {
    let served = 0
    const server: ChatServer = await startChatServer({
      delay: 2,
      misdeed: () => {
        if (++served === 20) void server.stop().then(() => setTimeout(server.start, 300))
        return undefined
      },
    })
    expect((await ask(server)).labels).toEqual(await right())
  })

  it('400 for one prompt is an error of that prompt alone', async () => {
    const { labels, provenance } = await script(({ number }) => (number === 7 ? { status: 400 } : undefined))
    expect(provenance.details).toMatchObject({ faults: { error: 1 } })
    expect(count(labels, INVALID)).toBeGreaterThan(0)
  })
})

describe('what ends a job', () => {
  const failing = async (misdeed: Misdeed, how: object = {}, folder?: string) => {
    const server = await startChatServer({ misdeed: () => misdeed })
    return ask(server, { how, ...(folder && { folder }) })
  }

  it('a key or model that is refused, at once, with what the server says', async () => {
    await expect(failing({ status: 401 })).rejects.toThrow(
      /^no endpoint takes our requests \(http:\S+: HTTP 401 scripted 401\): check --base-url, --llm-model, the API key and its quota, then/,
    )
    await expect(failing({ status: 429, body: '{"error":{"code":"insufficient_quota"}}' })).rejects.toThrow('HTTP 429')
  })

  it('too many prompts without a verdict, with the run to look at', async () => {
    const run = await temporaryDirectory()
    await expect(failing('refusal', { failOnError: 0.1 }, join(run, 'ledger'))).rejects.toThrow(
      `see the answers with "dualtree judge show ${run} --faults all"`,
    )
    await expect(failing('refusal', { failOnError: 0.1 })).rejects.toThrow(
      /^\d+ of \d+ prompts got no verdict, more than --fail-on-error 0.1 allows \(the last: an answer without a verdict: refused, the model refuses: try another --mode or --llm-model\): see the answers with "dualtree judge show RUN --faults all"$/,
    )
  })

  it('no server for too long', async () => {
    const server = await startChatServer()
    await server.stop()
    await expect(ask(server, { how: { outage: 0.5 } })).rejects.toThrow(
      /^no answer for 0.5 s from http:\S+ \(.*ECONNREFUSED/,
    )
  })

  it('leaves no timer behind that would keep the process', async () => {
    const server = await startChatServer({ misdeed: () => ({ status: 429, headers: { 'retry-after': '3000' } }) })
    const timers = () => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
    const before = timers()
    await expect(ask(server, { how: { maxMinutes: 0.005 } })).rejects.toThrow('0.005 minutes have passed')
    expect(timers()).toBeLessThanOrEqual(before)
  })

  it('nobody to ask', async () => {
    await expect(judgeWith('chat')).rejects.toThrow(
      '35 of 35 prompts have no answer yet: say whom to ask with --base-url',
    )
    await expect(judgeWith('batch')).rejects.toThrow(
      /judge "batch": \d+ of \d+ prompts have no answer yet: send them with/,
    )
  })

  it('being stopped: what is in flight is waited for and kept', async () => {
    const stop = new AbortController()
    const server = await startChatServer({
      delay: 50,
      misdeed({ number }) {
        if (number === 5) stop.abort(new Error('enough'))
        return undefined
      },
    })
    const folder = await temporaryDirectory()
    const judging = ask(server, { folder, signal: stop.signal, how: { concurrency: 4 } })
    await expect(judging).rejects.toThrow('enough')
    const ledger = await openLedger(folder)
    expect(ledger.spending('tiny')).toMatchObject({ answers: server.requests.length, reserved: { promptTokens: 0 } })
    ledger.close()
    expect(server.requests.length).toBeGreaterThan(3)
    expect(server.requests.length).toBeLessThan(30)
    expect((await ask(server, { folder })).labels).toEqual(await right())
    expect(Math.max(...server.answered.values())).toBe(1)
  })
})
