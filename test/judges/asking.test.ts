import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { judges } from '../../src/judges/index.ts'
import { openLedger } from '../../src/judges/llm/ledger.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { costOf, readPrice } from '../../src/llm/prices.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { startChatServer } from '../support/serving.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(40, 60, 0.08)
const candidates = randomCandidates(train, 6)
const codes = randomCodes(train.items)
const prices = JSON.stringify({ models: { tiny: { input: 1, output: 2, cachedInput: 0.5 } } })

/** What came of asking all: the error, if there was one, and what the ledger has. */
async function ask(folder: string, work: object, progress?: (done: number, total: number, detail?: string) => void) {
  const judge = judges
    .get('chat')
    .create({ train, codes, kernels: createKernels(), seed: 1, folder }, { llmModel: 'tiny' }, work)
  const error = await judge.judge(candidates, { progress }).then(
    () => undefined,
    thrown => thrown,
  )
  const ledger = await openLedger(folder)
  const spending = ledger.spending('tiny')
  ledger.close()
  return { error, ...spending, tokens: spending.spent.promptTokens + spending.spent.completionTokens }
}

describe('budgets', () => {
  it('maxTokens is never exceeded, ends with exit code 5, and more of it goes on', async () => {
    const server = await startChatServer()
    const folder = await temporaryDirectory()
    const baseUrl = [server.url]
    const first = await ask(folder, { baseUrl, maxTokens: 20_000 })
    expect(first.error).toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/^the budget is reached \(--max-tokens 20000\): /),
    })
    expect(first.tokens).toBeLessThanOrEqual(20_000)
    expect(first.answers).toBeGreaterThan(5)
    expect(first.reserved).toEqual({ promptTokens: 0, completionTokens: 0 })
    expect((await ask(folder, { baseUrl, maxTokens: 20_000 })).answers).toBe(first.answers)
    const second = await ask(folder, { baseUrl, maxTokens: 1e6 })
    expect(second).toMatchObject({ error: undefined, answers: 39 })
    expect(server.requests).toHaveLength(39)
  })

  it('maxCost goes by the price file, and refuses to guess', async () => {
    const server = await startChatServer()
    const folder = await temporaryDirectory({ 'prices.json': prices, 'none.json': '{"models": {"tini": {"input": 1, "output": 1}}}', 'bad.json': '{"models": {"tiny": {"input": "1"}}}' }) // biome-ignore format: one line
    const work = { baseUrl: [server.url], prices: join(folder, 'prices.json'), maxCost: 0.02 }
    const { error, spent } = await ask(folder, work)
    expect(error).toMatchObject({ exitCode: 5, message: expect.stringContaining('--max-cost 0.02') })
    expect(costOf(spent, (await readPrice(work.prices, 'tiny'))!)).toBeLessThanOrEqual(0.02)
    expect((await ask(folder, { ...work, prices: undefined })).error).toMatchObject({
      exitCode: 2,
      message: '--max-cost 0.02 cannot be kept: the price of "tiny" is not known: give a price file with --prices',
    })
    expect((await ask(folder, { ...work, prices: join(folder, 'none.json') })).error.message).toContain(
      'none.json has no price for "tiny": add one',
    )
    expect((await ask(folder, { ...work, prices: join(folder, 'bad.json') })).error).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/bad\.json: no price file \(models\.tiny\.input: .*\); expected {"currency"/),
    })
  })

  it('maxMinutes ends it, and keeps what was in flight', async () => {
    const server = await startChatServer({ delay: 150 })
    const { error, answers } = await ask(await temporaryDirectory(), {
      baseUrl: [server.url],
      concurrency: 2,
      maxMinutes: 0.005,
    })
    expect(error).toMatchObject({ exitCode: 5, message: '0.005 minutes have passed (--max-minutes)' })
    expect(answers).toBe(server.requests.length)
    expect(answers).toBeLessThan(20)
  })
})

it('concurrency is the most that is in flight to one server', async () => {
  const server = await startChatServer({ delay: 20 })
  await ask(await temporaryDirectory(), { baseUrl: [server.url], concurrency: 3 })
  expect(server.mostAtOnce()).toBe(3)
})

it('retries are counted for errors of the server, then the prompt is an error', async () => {
  // fewer in a row than take the server out for a while
  const failing = new Set<string>()
  const server = await startChatServer({
    misdeed: ({ text }) => (failing.has(text) || failing.add(text).size <= 2 ? { status: 500 } : undefined),
  })
  const { error } = await ask(await temporaryDirectory(), { baseUrl: [server.url], retries: 1, failOnError: 1 })
  expect(error).toBeUndefined()
  const tries = new Map<string, number>()
  for (const { text } of server.requests) tries.set(text, (tries.get(text) ?? 0) + 1)
  expect(new Set(tries.values())).toEqual(new Set([1, 2]))
})

it('the live line says what a person wants to know', async () => {
  const server = await startChatServer({
    misdeed: ({ number }) => (number === 0 ? { status: 429, headers: { 'retry-after-ms': '5' } } : undefined),
  })
  const folder = await temporaryDirectory({ 'prices.json': prices })
  const lines: string[] = []
  await ask(folder, { baseUrl: [server.url], prices: join(folder, 'prices.json') }, (done, total, detail) =>
    lines.push(`${done} ${total} ${detail}`),
  )
  expect(lines[0]).toMatch(/^0 39 0\/39 prompts · 0 tok\/s · 0 × 429 · 0.0 USD$/)
  expect(lines.at(-1)).toMatch(
    /^39 39 39\/39 prompts · 100\.0 % valid · \d+ tok\/s · 1 × 429 · 0\.0\d+ USD of about 0\.0\d+ USD$/,
  )
})

it('a key in a URL is refused: it would be written to the run', async () => {
  const { create } = judges.get('chat')
  const context = { train, codes, kernels: createKernels(), seed: 1 }
  expect(() => create(context, { llmModel: 'tiny' }, { baseUrl: ['http://me:secret@x/v1'] })).toThrow(
    'expected a URL without a key in it: name a variable with --api-key-env',
  )
  expect(() => create(context, { llmModel: 'tiny' }, { baseUrl: ['x'] })).toThrow('expected http(s) URLs such as')
})
