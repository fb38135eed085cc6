import { APICallError } from 'ai'
import { describe, expect, it } from 'vitest'
import { aiSdkJudge } from '../../src/judges/ai-sdk.ts'
import { judges } from '../../src/judges/index.ts'
import { openLedger } from '../../src/judges/llm/ledger.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { type Generated, ruleModel } from '../support/ai-provider.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(40, 60, 0.08)
const candidates = randomCandidates(train, 6)
const context = { train, codes: randomCodes(train.items), kernels: createKernels(), seed: 1 }
const options = { llmModel: 'tiny' }
const right = async () => (await judges.get('prefix').create(context, { minPrefix: 2 }).judge(candidates)).labels

const judge = (
  instead: (call: number) => Partial<Generated> | Error | undefined,
  how: object = {},
  folder?: string,
) => {
  const model = ruleModel(instead)
  const asking = aiSdkJudge(model)
    .create({ ...context, folder }, options, how)
    .judge(candidates)
  return { model, asking }
}
const callError = (statusCode: number, more: object = {}) =>
  new APICallError({ message: 'no', url: 'http://x', requestBodyValues: {}, statusCode, ...more })

describe('judge "ai-sdk"', () => {
  it('asks what chat asks, and keeps answers as chat completions', async () => {
    const folder = await temporaryDirectory()
    const { model, asking } = judge(() => undefined, {}, folder)
    expect((await asking).labels).toEqual(await right())
    expect(model.doGenerateCalls[0]).toMatchObject({
      temperature: 0,
      seed: 1,
      maxOutputTokens: expect.any(Number),
      responseFormat: { type: 'json', schema: { type: 'object' } },
    })
    const ledger = await openLedger(folder)
    expect(ledger.spending('tiny')).toMatchObject({
      answers: 39,
      spent: { promptTokens: 3900, cachedTokens: 1560, completionTokens: 780 },
    })
    ledger.close()
    // all is in the ledger: nobody is asked
    const again = judge(() => new Error('asked'), {}, folder)
    expect((await again.asking).labels).toEqual(await right())
  })

  it.each<[string, Error]>([
    ['429 with Retry-After', callError(429, { responseHeaders: { 'retry-after-ms': '5' } })],
    ['500', callError(500, { responseBody: '<html>' })],
    ['a network that is down', new Error('fetch failed')],
  ])('%s is tried again', async (_, error) => {
    const { asking } = judge(call => (call % 4 === 0 ? error : undefined), { retries: 20 })
    expect((await asking).labels).toEqual(await right())
  })

  it('a key that is refused ends it', async () => {
    await expect(judge(() => callError(401)).asking).rejects.toThrow(
      'no endpoint takes our requests (ai-sdk:gateway: HTTP 401 no): check',
    )
  })

  it('text that is no JSON, thoughts alone and an answer that was cut off are invalid', async () => {
    const text = (content: string): Partial<Generated> => ({ content: [{ type: 'text', text: content }] })
    const bad: Partial<Generated>[] = [
      text('I would rather chat'),
      { content: [{ type: 'reasoning', text: '{"candidate": 0, "label": "positive"}' }] },
      { ...text('{"verdicts": ['), finishReason: { unified: 'length', raw: undefined } },
    ]
    const { provenance } = await judge(call => bad[call]).asking
    expect(provenance.details).toMatchObject({ faults: { unreadable: 1, reasoning: 1, truncated: 1 } })
  })

  it('names what is not installed, and a package that has no provider', async () => {
    const definition = judges.get('ai-sdk')
    expect(definition.unsupportedReason!(options, { aiProvider: '@ai-sdk/nobody' })).toBe(
      'the package @ai-sdk/nobody is not installed here: run "npm install @ai-sdk/nobody"',
    )
    await expect(definition.create(context, options, { aiProvider: 'zod' }).judge(candidates)).rejects.toThrow(
      '--ai-provider zod: it exports no provider of the Vercel AI SDK',
    )
  })
})
