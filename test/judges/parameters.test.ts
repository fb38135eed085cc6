import { describe, expect, it } from 'vitest'
import { judges } from '../../src/judges/index.ts'
import { openLedger } from '../../src/judges/llm/ledger.ts'
import { requestFields } from '../../src/judges/llm/parameters.ts'
import { type PromptOptions, promptOptions } from '../../src/judges/llm/prompt-options.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { askingOptions } from '../../src/llm/asking-options.ts'
import { refusedParameter } from '../../src/llm/replies.ts'
import { parseOptions } from '../../src/options.ts'
import type { ChatRequest, ChatServer, Misdeed } from '../support/chat-server.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { startChatServer } from '../support/serving.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(40, 60, 0.08)
const candidates = randomCandidates(train, 6)
const codes = randomCodes(train.items)

const options = (given: Partial<PromptOptions>) => promptOptions.parse({ llmModel: 'tiny', ...given })
const shape = { count: 2, attempt: 1, seed: 7, maxTokens: 99 }
const fields = (given: Partial<PromptOptions>, refused: string[] = []) =>
  Object.keys(requestFields(options(given), refused, shape))

const ask = (server: ChatServer, folder: string, given: object = {}, how: object = {}) =>
  judges
    .get('chat')
    .create(
      { train, codes, kernels: createKernels(), seed: 1, folder },
      { llmModel: 'tiny', ...given },
      {
        baseUrl: [server.url],
        ...how,
      },
    )
    .judge(candidates)

/** Refuses requests that have one of these fields, in the words of OpenAI. */
const without =
  (...names: string[]) =>
  ({ body }: ChatRequest): Misdeed | undefined => {
    const name = names.find(field => field in body)
    const error = { message: `Unsupported parameter: '${name}' is not supported with this model.`, param: name }
    return name ? { status: 400, body: JSON.stringify({ error }) } : undefined
  }

describe('the fields of each profile', () => {
  it.each<[Partial<PromptOptions>, string[]]>([
    [{}, ['temperature', 'seed', 'max_tokens', 'response_format']],
    [{ parameters: 'openai' }, ['temperature', 'seed', 'max_completion_tokens', 'response_format']],
    [
      { parameters: 'reasoning', reasoningEffort: 'low' },
      ['max_completion_tokens', 'response_format', 'reasoning_effort'],
    ],
    [{ parameters: 'vllm' }, ['temperature', 'seed', 'max_tokens', 'response_format', 'chat_template_kwargs']],
    [{ parameters: 'plain' }, ['max_tokens']],
    [{ parameters: 'plain', logprobs: true }, ['max_tokens', 'logprobs', 'top_logprobs']],
  ])('%j', (given, expected) => expect(fields(given)).toEqual(expected))

  it('without those that were refused, and with what takes their place', () => {
    expect(fields({}, ['max_tokens', 'temperature'])).toEqual(['seed', 'max_completion_tokens', 'response_format'])
    expect(fields({}, ['max_tokens', 'max_completion_tokens', 'seed'])).toEqual(['temperature', 'response_format'])
    expect(requestFields(options({}), ['response_format'], shape).response_format).toEqual({ type: 'json_object' })
    expect(fields({}, ['response_format', 'response_format.json_object'])).not.toContain('response_format')
    expect(fields({ responseFormat: 'none' }, ['response_format'])).not.toContain('response_format')
  })

  it('--extra-body stands over all, and must be an object', () => {
    const extra = { temperature: 1, chat_template_kwargs: { enable_thinking: true } }
    const given = options({ parameters: 'vllm', extraBody: JSON.stringify(extra) })
    expect(requestFields(given, [], shape)).toMatchObject(extra)
    for (const extraBody of ['[1]', '{', '"x"'])
      expect(() => parseOptions(promptOptions, { llmModel: 'x', extraBody }, 'judge')).toThrow(
        'judge: --extra-body: expected a JSON object such as {"top_k": 1}, got',
      )
  })
})

describe('auto', () => {
  it('asks again without what is refused, once for the job, and remembers it', async () => {
    const server = await startChatServer({ misdeed: without('max_tokens', 'temperature', 'seed') })
    const folder = await temporaryDirectory()
    const verdicts = await ask(server, folder)
    expect(verdicts.provenance.details).toMatchObject({ faults: {} })
    // no more than are in flight at the start, for each of the three
    expect(server.requests.filter(({ body }) => 'seed' in body).length).toBeLessThanOrEqual(12)
    const [last] = server.requests.slice(-1)
    expect(Object.keys(last.body)).toEqual(['model', 'messages', 'max_completion_tokens', 'response_format'])
    // room for the thoughts of a model of that kind
    expect(last.body.max_completion_tokens).toBeGreaterThan(4096)
    const asked = server.requests.length
    expect(await ask(server, folder)).toEqual(verdicts)
    expect(server.requests).toHaveLength(asked)
    const ledger = await openLedger(folder)
    expect(ledger.refusals('tiny')).toEqual(['max_tokens', 'seed', 'temperature'])
    expect([ledger.refusals('other'), ledger.spending('tiny').answers]).toEqual([[], 39])
    ledger.close()
  })

  it('a fixed profile ends at the first refusal, and says what to do', async () => {
    const server = await startChatServer({ misdeed: without('temperature') })
    await expect(ask(server, await temporaryDirectory(), { parameters: 'vllm' })).rejects.toThrow(
      /^http:\S+ does not take "temperature" \(HTTP 400 Unsupported parameter: 'temperature' is not supported with this model\.\): --parameters auto leaves out what a server refuses; reasoning, openai, vllm and plain are fixed sets$/,
    )
    expect(server.requests.length).toBeLessThanOrEqual(4)
  })

  it('what was asked for by name is not left out', async () => {
    const server = await startChatServer({ misdeed: without('logprobs') })
    await expect(ask(server, await temporaryDirectory(), { logprobs: true })).rejects.toThrow(
      /does not take "logprobs" \(.*\): requests have it by --logprobs, --reasoning-effort or --extra-body: leave that out/,
    )
  })

  it('a server that refuses what was left out ends the job with a line that says so', async () => {
    const error = { message: "Unsupported parameter: 'max_tokens' is not supported", param: 'max_tokens' }
    const server = await startChatServer({ misdeed: () => ({ status: 400, body: JSON.stringify({ error }) }) })
    await expect(ask(server, await temporaryDirectory())).rejects.toThrow(
      /does not take "max_tokens" \(.*\): requests leave it out since the server refused it, and it refuses them all the same/,
    )
    expect(server.requests.at(-1)!.body).toHaveProperty('max_completion_tokens')
    expect(server.requests.length).toBeLessThanOrEqual(8)
  })

  it('what was answered with a field is not asked again without it, by another server', async () => {
    const folder = await temporaryDirectory()
    const first = await startChatServer({ misdeed: ({ number }) => (number === 20 ? { status: 401 } : undefined) })
    await expect(ask(first, folder)).rejects.toThrow('no endpoint takes our requests')
    const other = await startChatServer({ misdeed: without('seed') })
    await expect(ask(other, folder)).rejects.toThrow(/does not take "seed".*the answers so far were given with it/)
    expect(other.requests.length).toBeLessThanOrEqual(4)
  })

  it('a refusal after answers is an error of that prompt alone', async () => {
    const server = await startChatServer({
      misdeed: request => (request.number === 20 ? without('temperature')(request) : undefined),
    })
    const { provenance } = await ask(server, await temporaryDirectory())
    expect(provenance.details).toMatchObject({ faults: { error: 1 } })
  })
})

it.each([
  [`{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}`, 'max_tokens'],
  [`{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","code":"unsupported_value"}}`, 'temperature'],
  [`{"error":{"message":"litellm.UnsupportedParamsError: gpt-5 models don't support temperature=0. Only temperature=1 is supported."}}`, 'temperature'],
  [`{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted","input":1}]}`, 'seed'],
  [`{"error":{"message":"Unrecognized request argument supplied: seed"}}`, 'seed'],
  [`{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.","param":"response_format"}}`, 'response_format'],
  [`{"error":{"message":"This response_format type is unavailable now"}}`, 'response_format'],
  [`{"error":{"message":"max_tokens is too large: 50000. This model supports at most 4096 completion tokens"}}`, undefined],
  [`{"error":{"message":"Invalid 'messages': unknown role"}}`, undefined],
])('refusedParameter of %s', (body, parameter) => expect(refusedParameter(body)).toBe(parameter)) // biome-ignore format: replies as they come

describe('--header', () => {
  it('is sent, from the environment where it says so, and stands over the key', async () => {
    const server = await startChatServer()
    process.env.TEST_AZURE_KEY = 'azure secret\n'
    const header = ['api-key=env:TEST_AZURE_KEY', 'X-Team=a=b']
    await ask(server, await temporaryDirectory(), {}, { header, apiKeyEnv: 'TEST_NO_KEY' })
    expect(server.requests[0].headers).toMatchObject({ 'api-key': 'azure secret', 'x-team': 'a=b' })
    expect(server.requests[0].headers.authorization).toBeUndefined()
    await expect(ask(server, await temporaryDirectory(), {}, { header: ['api-key=env:TEST_NONE'] })).rejects.toThrow(
      '--header api-key=env:TEST_NONE: there is no value, or the variable is not set',
    )
  })

  it('holds no secret itself', () => {
    const parse = (header: string) => () => parseOptions(askingOptions, { header: [header] }, 'judge')
    expect(parse('Authorization=Bearer x')).toThrow(
      'expected a secret as NAME=env:VARIABLE: options are written to the run',
    )
    expect(parse('no value')).toThrow('expected NAME=VALUE; a value with commas comes by NAME=env:VARIABLE')
    expect(parse('OpenAI-Organization=org')).not.toThrow()
  })
})
