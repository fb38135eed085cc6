/**
 * Batch APIs end to end: prompts go out as files in windows of enqueued tokens, answers come back into the ledger. What is
 * submitted is leased and written down first, so that a stop at any moment submits nothing twice.
 */
import type { z } from 'zod'
import { type BudgetError, RunError } from '../../errors.ts'
import { sha256 } from '../../files.ts'
import type { AskingOptions } from '../../llm/asking-options.ts'
import { createBatchClient } from '../../llm/batch-client.ts'
import { parseResults, requestLine } from '../../llm/batch-files.ts'
import { type Clock, sleep, systemClock } from '../../llm/dispatch.ts'
import type { HttpClient } from '../../llm/http.ts'
import { shardOptions } from '../../llm/job-folder.ts'
import type { Price } from '../../llm/prices.ts'
import { number } from '../../options.ts'
import type { JudgeControl } from '../judge.ts'
import { budgetReached, fitsBudget } from './budget.ts'
import { addImports, type ImportCount, importResults, NO_IMPORTS } from './import-results.ts'
import type { AskedPrompt, Batch } from './ledger-records.ts'
import { countOpen, type JudgeSession, openQuestions } from './llm-judge.ts'

export const batchOptions = shardOptions.extend({
  enqueuedTokens: number(1000)
    .optional()
    .describe('most tokens of prompts in batches under way, by estimate: the limit of your account; 2M is two million')
    .meta({ unit: 'tokens' }),
})

export interface BatchRequest {
  readonly session: JudgeSession
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

const FINISHED = new Set(['completed', 'expired', 'cancelled', 'failed'])
const NONE = { ...NO_IMPORTS, submitted: 0, prompts: 0, collected: 0, underWay: 0 }
const FIRST_POLL = 5
const LONGEST_POLL = 300

/**
 * Takes in what has finished, then submits what is open, as far as the windows go.
 * @throws RunError when the server does not answer or refuses; BudgetError when there is no room for any prompt
 */
export async function advanceBatches(request: BatchRequest, { collect = true } = {}): Promise<BatchCount> {
  const { session, client, asking, clock = systemClock } = request
  const { ledger } = session
  const api = createBatchClient(client, asking.outage, clock)
  let count = { ...NONE, failures: [] as string[] }
  /** Uploads and creates what is not there yet; each id is written down as soon as it is known. */
  const start = async (batch: Batch): Promise<Batch> => {
    const { name, endpoint } = batch
    const content = batch.file === null ? contentOf(session, name) : undefined
    if (content === '') {
      ledger.setBatch({ ...batch, state: 'collected' })
      return batch
    }
    const file = batch.file ?? (await api.upload(endpoint, name, content!))
    ledger.setBatch({ ...batch, file })
    const made = batch.file === null ? undefined : await api.find(endpoint, name)
    const known = { ...batch, file, batch: (made ?? (await api.create(endpoint, name, file))).id }
    ledger.setBatch(known)
    return known
  }
  for (const batch of openBatches(session)) {
    const known = batch.batch === null ? await start(batch) : batch
    if (!collect || known.batch === null) continue
    const state = await api.state(known.endpoint, known.batch)
    if (!FINISHED.has(state.status)) continue
    for (const file of [state.output_file_id, state.error_file_id]) {
      if (!file) continue
      const results = parseResults(await api.content(known.endpoint, file), `${known.endpoint} file ${file}`)
      count = addImports(count, await importResults(session, `batch:${known.name}`, results))
    }
    for (const { message } of state.errors?.data ?? []) if (message) count.failures.push(message)
    // what has no result is open again
    ledger.release(ledger.leasesOf(known.name))
    ledger.setBatch({ ...known, state: 'collected' })
    count.collected++
  }
  let budget: BudgetError | undefined
  for (let next = prepare(request); next && !budget; next = budget ? undefined : prepare(request)) {
    if ('error' in next) budget = next.error
    else {
      await start(next)
      count.submitted++
      count.prompts += next.requests
    }
  }
  count.underWay = openBatches(session).length
  if (budget && count.underWay === 0) throw budget
  return count
}

function contentOf(session: JudgeSession, name: string): string {
  const ids = new Set(session.ledger.leasesOf(name))
  const lines = [...openQuestions(session)].filter(({ question }) => ids.has(question.id))
  return lines.map(({ question, attempt }) => requestLine(question.id, session.maker.body(question, attempt))).join('')
}

/** The same again and again until every prompt is answered. @throws RunError when rounds bring nothing */
export async function finishBatches(
  request: BatchRequest,
  { signal, progress }: JudgeControl = {},
): Promise<BatchCount> {
  const { session, clock = systemClock } = request
  let sum: BatchCount = { ...NONE, failures: [] }
  let fruitless = 0
  for (let wait = FIRST_POLL; ; wait = Math.min(LONGEST_POLL, wait * 1.5)) {
    signal?.throwIfAborted()
    const count = await advanceBatches(request)
    for (const key of ['submitted', 'prompts', 'collected'] as const) sum = { ...sum, [key]: sum[key] + count[key] }
    sum = { ...addImports(sum, count), underWay: count.underWay, failures: [...sum.failures, ...count.failures] }
    const left = countOpen(session)
    const total = session.distinct.length
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

function openBatches({ ledger, model }: JudgeSession): Batch[] {
  return ledger.openBatches().filter(batch => batch.model === model)
}

/** Leases the prompts of the next file, as many as limits allow, and writes the batch down; undefined when none fits. */
function prepare({ session, asking, price, cuts }: BatchRequest): Batch | { error: BudgetError } | undefined {
  const { ledger, maker, model } = session
  const open = openBatches(session)
  const leased = new Set(open.flatMap(({ name }) => ledger.leasesOf(name)))
  let room = (cuts.enqueuedTokens ?? Number.POSITIVE_INFINITY) - open.reduce((sum, { tokens }) => sum + tokens, 0)
  let [bytes, tokens] = [0, 0]
  const prompts: AskedPrompt[] = []
  for (const { question, attempt } of openQuestions(session)) {
    if (leased.has(question.id)) continue
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
