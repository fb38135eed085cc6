import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askAll } from '../../src/judges/llm/asking.ts'
import { advanceBatches, type BatchRequest, batchOptions, finishBatches } from '../../src/judges/llm/batch-api.ts'
import { collectVerdicts, type JudgeSession, withSession } from '../../src/judges/llm/llm-judge.ts'
import { promptOptions } from '../../src/judges/llm/prompt-options.ts'
import { countJob, jobStatus } from '../../src/judges/llm/status.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { type AskingOptions, askingOptions } from '../../src/llm/asking-options.ts'
import { derive, randomStream } from '../../src/random.ts'
import { type BatchServer, createBatchServer } from '../support/batch-server.ts'
import { budget } from '../support/budget.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const train = randomDataset(30, 40, 0.1)
const candidates = randomCandidates(train, 5)
const codes = randomCodes(train.items)
const kernels = createKernels()
const PROMPTS = 29

interface Given {
  readonly folder?: string
  readonly asking?: Partial<AskingOptions>
  readonly cuts?: object
}

/** One process that works on batches: calls `body` with what it needs, in virtual time. */
function process<T>(
  server: BatchServer,
  { folder, asking, cuts }: Given,
  body: (request: BatchRequest & { session: JudgeSession }) => Promise<T>,
): Promise<T> {
  const context = { train, codes, kernels, seed: 1, folder }
  return withSession(context, promptOptions.parse({ llmModel: 'tiny' }), candidates, session => {
    const clock = createVirtualClock()
    const options = askingOptions.parse({ baseUrl: ['http://far/v1'], ...asking })
    const request = { session, client: server, clock, asking: options, price: undefined }
    return clock.run(body({ ...request, cuts: batchOptions.parse({ ...cuts }) }))
  })
}

const countIds = ({ batches }: BatchServer) => {
  const counts = new Map<string, number>()
  for (const id of batches.flatMap(({ ids }) => ids)) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

describe('batches', () => {
  it('take every prompt once, in files of the given size, and bring all verdicts', async () => {
    const server = createBatchServer(() => ({ status: 'completed', after: 3 }))
    const folder = await temporaryDirectory()
    const cuts = { shardRequests: 10 }
    const count = await process(server, { folder, cuts }, request => finishBatches(request))
    expect(count).toMatchObject({ submitted: 3, prompts: PROMPTS, collected: 3, taken: PROMPTS, underWay: 0 })
    expect(server.batches.map(({ ids }) => ids.length)).toEqual([10, 10, 9])
    expect([...countIds(server).values()]).toEqual(Array(PROMPTS).fill(1))
    await process(server, { folder }, async ({ session }) => {
      expect((await collectVerdicts(session, candidates)).details).toMatchObject({ faults: {} })
      const price = { currency: 'USD', input: 1e4, output: 0, batch: 0.5 }
      const status = jobStatus(session.ledger, await countJob(session), 'tiny', price)
      // 100 tokens read per prompt, at half of a cent each
      expect(status.cost).toBeCloseTo((PROMPTS * 100 * 0.5) / 100, 9)
      expect(status).toMatchObject({ done: PROMPTS, inBatches: 0, reserved: { promptTokens: 0 } })
    })
  })

  it('are kept within the enqueued tokens', async () => {
    const server = createBatchServer(() => ({ status: 'completed', after: 2 }))
    let most = 0
    await process(server, { cuts: { enqueuedTokens: 5000 } }, async request => {
      for (let round = 0; round < 30; round++) {
        await advanceBatches(request)
        const open = request.session.ledger.batches().filter(({ state }) => state === 'open')
        most = Math.max(most, open.reduce((sum, { tokens }) => sum + tokens, 0)) // biome-ignore format: one line
      }
    })
    expect(server.batches.length).toBeGreaterThan(3)
    expect(most).toBeGreaterThan(3000)
    expect(most).toBeLessThanOrEqual(5000)
    expect([...countIds(server).values()]).toEqual(Array(PROMPTS).fill(1))
  })

  it('that expire are collected as far as they go, and the rest is submitted again', async () => {
    const server = createBatchServer(batch => (batch < 2 ? { status: 'expired', share: 0.5 } : { status: 'completed' }))
    const count = await process(server, {}, request => finishBatches(request))
    expect(count).toMatchObject({ taken: PROMPTS, collected: 3 })
    expect(server.batches.map(({ ids }) => ids.length)).toEqual([29, 15, 8])
  })

  it('that never run end the job with what the server says', async () => {
    const message = 'Enqueued token limit reached. Limit: 90,000 enqueued tokens.'
    const server = createBatchServer(() => ({ status: 'failed', message }))
    await expect(process(server, {}, request => finishBatches(request))).rejects.toThrow(
      `three batches in a row brought no answer (${message}): see --enqueued-tokens, then "dualtree judge collect" goes on`,
    )
  })

  it('are not asked for beside them: judge run leaves them alone', async () => {
    const server = createBatchServer(() => ({ status: 'completed', after: 99 }))
    await process(server, {}, async request => {
      const { session, asking } = request
      expect(await advanceBatches(request, { collect: false })).toMatchObject({
        submitted: 1,
        underWay: 1,
        collected: 0,
      })
      expect(jobStatus(session.ledger, await countJob(session), 'tiny')).toMatchObject({ inBatches: PROMPTS })
      await expect(askAll({ session, options: asking, seed: 1 })).rejects.toThrow(
        '29 prompts are in batches that were submitted: bring their answers in with "dualtree judge collect"',
      )
      expect(await advanceBatches(request)).toMatchObject({ submitted: 0, underWay: 1 })
    })
  })

  it('keep to a budget, and say so when there is no room at all', async () => {
    const server = createBatchServer(() => ({ status: 'completed' }))
    const submit = (maxTokens: number) =>
      process(server, { asking: { maxTokens } }, request => advanceBatches(request, { collect: false }))
    expect(await submit(20_000)).toMatchObject({ submitted: 1, prompts: expect.toSatisfy((n: number) => n < PROMPTS) })
    await expect(submit(100)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('--max-tokens 100'),
    })
  })

  it('a server without them is named, and what to do', async () => {
    const server = createBatchServer(
      () => ({ status: 'completed' }),
      () => 404,
    )
    await expect(process(server, {}, request => advanceBatches(request))).rejects.toThrow(
      'http://far/v1/files refuses (HTTP 404 scripted): if this server has no batch API, "dualtree judge run" asks without',
    )
  })
})

it('whatever breaks and whenever it is stopped: nothing is lost, and nothing is under way twice', async () => {
  const schedules = fc.record({
    seed: fc.nat(),
    faults: fc.constantFrom(0, 0.1, 0.4),
    stops: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 }),
    shardRequests: fc.integer({ min: 3, max: 30 }),
    expiring: fc.constantFrom(0, 0.3),
  })
  await fc.assert(
    fc.asyncProperty(schedules, async ({ seed, faults, stops, shardRequests, expiring }) => {
      const { uniform } = randomStream(derive(seed, 'batches'))
      let stopAt = Number.POSITIVE_INFINITY
      const server = createBatchServer(
        () => {
          const after = 1 + Math.floor(uniform() * 3)
          return uniform() < expiring ? { status: 'expired', share: uniform(), after } : { status: 'completed', after }
        },
        call => {
          // a process that is killed, when its last call was done and not yet told
          if (call >= stopAt) throw new Error('killed')
          if (call === stopAt - 1) return 'lost'
          if (uniform() >= faults) return undefined
          return (['lost', 'refused', 500, 429] as const)[Math.floor(uniform() * 4)]
        },
      )
      const folder = await temporaryDirectory()
      const work = () => process(server, { folder, cuts: { shardRequests } }, request => finishBatches(request))
      for (const calls of stops) {
        stopAt = server.calls.length + calls
        await work().catch(error => expect(error.message).toMatch('killed'))
      }
      stopAt = Number.POSITIVE_INFINITY
      // each stop may leave a batch in the moment of its creation, which is found again and not created twice
      await work()
      expect(server.underWay()).toBe(0)
      await process(server, { folder }, async ({ session }) => {
        expect(await countJob(session)).toMatchObject({ done: PROMPTS, invalid: 0 })
        expect(session.ledger.spending('tiny').reserved.promptTokens).toBe(0)
      })
      if (expiring === 0) expect([...countIds(server).values()]).toEqual(Array(PROMPTS).fill(1))
    }),
    { numRuns: budget(25, 60), seed: 3 },
  )
})
