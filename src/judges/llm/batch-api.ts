/**
 * Batch APIs end to end: prompts go out as files in windows of enqueued tokens, answers come back into the ledger. What is
 * submitted is leased and written down first, so that a stop at any moment submits nothing twice.
 * @source platform.openai.com, "Batch API": /v1/files and /v1/batches
 */
import { z } from 'zod'
import { type BudgetError, RunError } from '../../errors.ts'
import { sha256 } from '../../files.ts'
import type { AskingOptions } from '../../llm/asking-options.ts'
import { parseResults, requestLine } from '../../llm/batch-files.ts'
import { parseJson } from '../../llm/completion.ts'
import { type Clock, systemClock } from '../../llm/dispatch.ts'
import { ConnectionFault, endpointOf, type HttpClient } from '../../llm/http.ts'
import { messageIn } from '../../llm/replies.ts'
import type { JudgeWork } from '../judge.ts'
import { budgetReached, fitsBudget } from './budget.ts'
import { type ImportCount, importResults } from './import-results.ts'
import { shardOptions } from './job-folder.ts'
import type { AskedPrompt, Batch } from './ledger.ts'
import type { Interview } from './llm-judge.ts'
import type { Price } from './prices.ts'
import type { Question } from './questions.ts'

export const batchOptions = shardOptions.extend({
  enqueuedTokens: z
    .number()
    .min(1000)
    .optional()
    .describe('most tokens of prompts in batches under way, by estimate: the limit of your account; 2M is two million')
    .meta({ unit: 'tokens' }),
})

export interface BatchRequest {
  readonly interview: Interview
  readonly client: HttpClient
  readonly asking: AskingOptions
  readonly price: Price | undefined
  readonly cuts: z.output<typeof batchOptions>
  readonly clock?: Clock
}

export interface BatchCount extends ImportCount {
  /** batches, and the prompts in them, that were submitted now */
  readonly submitted: number
  readonly prompts: number
  /** batches that were collected now, and that are under way */
  readonly collected: number
  readonly underWay: number
  /** what servers say of batches that did not run */
  readonly failures: readonly string[]
}

const batchSchema = z.object({
  id: z.string(),
  status: z.string(),
  output_file_id: z.string().nullish(),
  error_file_id: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  errors: z.object({ data: z.array(z.object({ message: z.string().nullish() })).nullish() }).nullish(),
})
const listSchema = z.object({ data: z.array(batchSchema), has_more: z.boolean().nullish() })
const fileSchema = z.object({ id: z.string() })

const FINISHED = new Set(['completed', 'expired', 'cancelled', 'failed'])
const NONE = { taken: 0, known: 0, foreign: 0, failed: 0, submitted: 0, prompts: 0, collected: 0, underWay: 0 }
const FIRST_POLL = 5
const LONGEST_POLL = 300

/**
 * Takes in what has finished, then submits what is open, as far as the windows go.
 * @throws RunError when the server does not answer or refuses; BudgetError when there is no room for any prompt
 */
export async function advanceBatches(request: BatchRequest, { collect = true } = {}): Promise<BatchCount> {
  const { interview } = request
  const api = createApi(request)
  const count = { ...NONE, failures: [] as string[] }
  for (const batch of openBatches(interview)) {
    const known = batch.batch === null ? await api.start(batch) : batch
    if (!collect || known.batch === null) continue
    const state = await api.state(known)
    if (!FINISHED.has(state.status)) continue
    for (const file of [state.output_file_id, state.error_file_id]) {
      if (!file) continue
      const results = parseResults(await api.content(known, file), `${known.endpoint} file ${file}`)
      const part = await importResults(interview, `batch:${known.name}`, results)
      for (const key of ['taken', 'known', 'foreign', 'failed'] as const) count[key] += part[key]
    }
    for (const { message } of state.errors?.data ?? []) if (message) count.failures.push(message)
    // what has no result is open again
    interview.ledger.release(interview.ledger.leasesOf(known.name))
    interview.ledger.setBatch({ ...known, state: 'collected' })
    count.collected++
  }
  let budget: BudgetError | undefined
  for (let next = prepare(request); next; next = prepare(request)) {
    if ('error' in next) {
      budget = next.error
      break
    }
    await api.start(next)
    count.submitted++
    count.prompts += next.requests
  }
  count.underWay = openBatches(interview).length
  if (budget && count.underWay === 0) throw budget
  return count
}

/** The same again and again until every prompt is answered. @throws RunError when rounds bring nothing */
export async function finishBatches(request: BatchRequest, { signal, progress }: JudgeWork = {}): Promise<BatchCount> {
  const { interview, clock = systemClock } = request
  let sum: BatchCount = { ...NONE, failures: [] }
  let fruitless = 0
  for (let wait = FIRST_POLL; ; wait = Math.min(LONGEST_POLL, wait * 1.5)) {
    signal?.throwIfAborted()
    const count = await advanceBatches(request)
    for (const key of ['taken', 'known', 'foreign', 'failed', 'submitted', 'prompts', 'collected'] as const)
      sum = { ...sum, [key]: sum[key] + count[key] }
    sum = { ...sum, underWay: count.underWay, failures: [...sum.failures, ...count.failures] }
    const left = interview.distinct.filter(interview.resolver.open).length
    const total = interview.distinct.length
    progress?.(total - left, total, `${total - left}/${total} prompts · ${count.underWay} batches under way`)
    if (count.underWay === 0) return sum
    if (count.collected > 0) [fruitless, wait] = [count.taken > 0 ? 0 : fruitless + 1, FIRST_POLL]
    if (fruitless > 2)
      throw new RunError(
        `three batches in a row brought no answer (${sum.failures.at(-1) ?? `${sum.failed} results are errors`}): see --enqueued-tokens, then "dualtree judge collect" goes on`,
      )
    await sleep(clock, wait, signal)
  }
}

function openBatches({ ledger, model }: Interview): Batch[] {
  return ledger.batches().filter(batch => batch.model === model && batch.state === 'open')
}

/** Leases the prompts of the next file, as many as limits allow, and writes the batch down; undefined when none fits. */
function prepare({ interview, asking, price, cuts }: BatchRequest): Batch | { error: BudgetError } | undefined {
  const { ledger, resolver, maker, distinct, model } = interview
  const open = openBatches(interview)
  const leased = new Set(open.flatMap(({ name }) => ledger.leasesOf(name)))
  let room = (cuts.enqueuedTokens ?? Number.POSITIVE_INFINITY) - open.reduce((sum, { tokens }) => sum + tokens, 0)
  let [bytes, tokens] = [0, 0]
  const prompts: AskedPrompt[] = []
  for (const root of distinct) {
    const question = resolver.open(root)
    if (!question || leased.has(question.id)) continue
    const attempt = (ledger.state(question.id)?.attempt ?? 0) + 1
    const own = maker.estimate(question).promptTokens
    const size = Buffer.byteLength(maker.body(question, attempt)) + 200
    const fits = own <= room && bytes + size <= cuts.shardBytes && prompts.length < cuts.shardRequests
    // one prompt always goes, unless others are under way
    if (!fits && (prompts.length > 0 || open.length > 0)) break
    prompts.push(maker.describe(question, attempt))
    ;[room, bytes, tokens] = [room - own, bytes + size, tokens + own]
  }
  if (prompts.length === 0) return undefined
  const name = sha256(`${ledger.batches().length} ${prompts.map(({ id }) => id).join()}`).slice(0, 24)
  const batch = { name, model, endpoint: asking.baseUrl[0], tokens, file: null, batch: null }
  // before its leases: a batch without any is nothing, leases without a batch would never end
  ledger.setBatch({ ...batch, requests: prompts.length, state: 'open' })
  const { claimed, refused } = ledger.claim(prompts, fitsBudget(asking, price), name)
  const whole: Batch = { ...batch, requests: claimed.length, state: claimed.length > 0 ? 'open' : 'collected' }
  ledger.setBatch(whole)
  if (claimed.length > 0) return whole
  return refused === undefined ? undefined : { error: budgetReached(asking) }
}

function createApi({ interview, client, asking, clock = systemClock }: BatchRequest) {
  const { ledger } = interview
  /** Tries again what may help, until the outage has passed. @param again what makes another try needless */
  const call = async <T>(
    endpoint: string,
    path: string,
    read: (text: string) => T,
    post?: { readonly body: string; readonly type: string },
    again: () => Promise<T | undefined> = async () => undefined,
  ): Promise<T> => {
    const url = endpointOf(endpoint, path)
    const started = clock.now()
    for (let wait = 1; ; wait = Math.min(30, wait * 2)) {
      const reply = await client
        .send(url, post?.body, post && { 'content-type': post.type })
        .catch((error: unknown) => {
          if (error instanceof ConnectionFault) return { status: 0, body: error.message }
          throw error
        })
      if (reply.status >= 200 && reply.status < 300) return read(reply.body)
      const detail = `${reply.status > 0 ? `HTTP ${reply.status} ` : ''}${messageIn(reply.body)}`
      if (reply.status >= 400 && reply.status < 500 && reply.status !== 429 && reply.status !== 408)
        throw new RunError(
          `${url} refuses (${detail}): if this server has no batch API, "dualtree judge run" asks without`,
        )
      if (clock.now() - started > asking.outage)
        throw new RunError(`no answer for ${asking.outage} s from ${url} (${detail}): the same command resumes`)
      await sleep(clock, wait)
      const found = await again()
      if (found !== undefined) return found
    }
  }
  /** A batch that was created in the moment of a stop, before its id was written down. */
  const find = async ({ endpoint, name }: Batch) => {
    for (let after = ''; ; ) {
      const { data, has_more } = await call(endpoint, `batches${after}`, as(listSchema))
      const found = data.find(({ metadata }) => metadata?.dualtree === name)
      if (found || !has_more || data.length === 0) return found
      after = `?after=${data.at(-1)!.id}`
    }
  }
  const contentOf = (name: string): string => {
    const ids = new Set(ledger.leasesOf(name))
    const lines: string[] = []
    for (const root of interview.distinct) {
      const question: Question | undefined = interview.resolver.open(root)
      if (!question || !ids.has(question.id)) continue
      lines.push(
        requestLine(question.id, interview.maker.body(question, (ledger.state(question.id)?.attempt ?? 0) + 1)),
      )
    }
    return lines.join('')
  }
  return {
    /** Uploads and creates what is not there yet; each id is written down as soon as it is known. */
    async start(batch: Batch): Promise<Batch> {
      let known = batch
      if (known.file === null) {
        const content = contentOf(known.name)
        if (content === '') {
          ledger.setBatch({ ...known, state: 'collected' })
          return known
        }
        const { id } = await call(known.endpoint, 'files', as(fileSchema), formOf(`${known.name}.jsonl`, content))
        known = { ...known, file: id }
        ledger.setBatch(known)
      }
      const body = JSON.stringify({
        input_file_id: known.file,
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
        metadata: { dualtree: known.name },
      })
      const post = { body, type: 'application/json' }
      const created =
        (batch.file === null ? undefined : await find(known)) ??
        (await call(known.endpoint, 'batches', as(batchSchema), post, () => find(known)))
      known = { ...known, batch: created.id }
      ledger.setBatch(known)
      return known
    },
    state: ({ endpoint, batch }: Batch) => call(endpoint, `batches/${batch}`, as(batchSchema)),
    content: ({ endpoint }: Batch, file: string) => call(endpoint, `files/${file}/content`, text => text),
  }
}

/** @throws RunError when a reply is something else */
function as<T>(schema: z.ZodType<T>): (text: string) => T {
  return text => {
    const parsed = schema.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    throw new RunError(`the batch API says something that is not in its form: ${messageIn(text)}`)
  }
}

/** A file as a form has it. */
function formOf(name: string, content: string) {
  const boundary = `dualtree-${sha256(content).slice(0, 24)}`
  const part = (about: string, text: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; ${about}\r\n\r\n${text}\r\n`
  const file = part(`name="file"; filename="${name}"\r\nContent-Type: application/jsonl`, content)
  return {
    body: `${part('name="purpose"', 'batch')}${file}--${boundary}--\r\n`,
    type: `multipart/form-data; boundary=${boundary}`,
  }
}

function sleep(clock: Clock, seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(seconds, resolve)
    signal?.addEventListener('abort', () => [cancel(), reject(signal.reason)], { once: true })
  })
}
