/** Asks all questions of a job that have no answer yet, from a ledger that others may be working on too. */
import { BudgetError, RunError, UsageError } from '../../errors.ts'
import { derive, randomStream } from '../../random.ts'
import { INVALID, type JudgeWork } from '../judge.ts'
import { parseAnswer } from '../parse.ts'
import type { PromptMode } from '../prompt.ts'
import type { AskingOptions } from './asking-options.ts'
import { withChatClient } from './chat-client.ts'
import { dispatch } from './dispatch.ts'
import type { Ledger, NewAnswer, Spending } from './ledger.ts'
import { costOf, type Price, priceRemedy, readPrice } from './prices.ts'
import { createProgress } from './progress.ts'
import type { Question, QuestionMaker } from './questions.ts'
import { messageIn } from './replies.ts'
import type { Resolver } from './resolve.ts'
import type { Settled, Task, Workload } from './workload.ts'

export interface AskRequest {
  readonly questions: readonly Question[]
  readonly maker: QuestionMaker
  readonly resolver: Resolver
  readonly ledger: Ledger
  readonly model: string
  readonly mode: PromptMode
  readonly options: AskingOptions
  readonly seed: number
}

interface AskTask extends Task {
  readonly question: Question
  readonly attempt: number
}

/** Answers are looked at for `failOnError` from this many on. */
const FEWEST_TO_FAIL = 20

/**
 * @param request its questions all have different ids
 * @throws BudgetError at the end of a budget; RunError when no server answers, or too many prompts get no verdict; UsageError
 *   when there is nobody to ask, or a cost to keep without a price; whatever the signal aborts with. What was answered by
 *   then is in the ledger
 */
export async function askAll(request: AskRequest, { signal, progress }: JudgeWork = {}): Promise<void> {
  const { options, model, ledger, resolver, questions, seed } = request
  const open = questions.map(resolver.open).filter(question => question !== undefined)
  if (open.length === 0) return
  if (options.baseUrl.length === 0)
    throw new UsageError(
      `${open.length} of ${questions.length} prompts have no answer yet: say whom to ask with --base-url`,
    )
  const price = await readPrice(options.prices, model)
  if (options.maxCost !== undefined && !price)
    throw new UsageError(`maxCost ${options.maxCost} cannot be kept: ${priceRemedy(options.prices, model)}`)
  const random = randomStream(derive(seed, 'asking', process.pid))
  const live = createProgress({ ledger, model, price, done: questions.length - open.length, total: questions.length })
  const work = createWorkload(request, open, price, { ...live, report: () => progress?.(...live.state()) })
  live.begin()
  progress?.(...live.state())
  await withChatClient(options, send =>
    dispatch(work, { ...options, send, baseUrls: options.baseUrl, random: random.uniform, signal }),
  )
}

type Live = ReturnType<typeof createProgress> & { report(): void }

function createWorkload(
  { maker, resolver, ledger, model, mode, options }: AskRequest,
  open: readonly Question[],
  price: Price | undefined,
  live: Live,
): Workload<AskTask> {
  // taken from the end
  const pending = [...open].reverse()
  const elsewhere: Question[] = []
  const unwritten: NewAnswer[] = []
  const outcomes = { all: 0, failed: 0, last: '' }
  const fits = fitsBudget(options, price)

  const conclude = (failure: string | undefined) => {
    outcomes.all++
    live.finished()
    if (failure === undefined) return
    outcomes.failed++
    outcomes.last = failure
  }
  /** Goes on with the question that follows, or is done with it. */
  const proceed = (next: Question | undefined, failure: string | undefined) => {
    if (next) pending.push(next)
    else conclude(failure)
  }
  const settleCompletion = ({ question }: AskTask, { completion }: Extract<Settled, { kind: 'completion' }>) => {
    const reading = parseAnswer(mode, question.items.length, completion.answer)
    const next = resolver.followUp(question, reading)
    const asked = question.items.length - (next ? reading.missing.length : 0)
    const valid = reading.labels.reduce((sum, label) => sum + Number(label !== INVALID), 0)
    live.answered(asked, valid, completion.usage)
    proceed(next, valid === 0 ? `an answer without a verdict (${reading.fault})` : undefined)
  }

  return {
    take(count) {
      if (pending.length === 0) pending.push(...elsewhere.splice(0))
      const batch = pending.splice(-count).reverse()
      if (batch.length === 0) return { tasks: [], supply: elsewhere.length > 0 ? 'elsewhere' : 'done' }
      const claim = ledger.claim(batch.map(maker.describe), fits)
      const attempts = new Map(claim.claimed.map(({ id, attempt }) => [id, attempt]))
      const others = new Set(claim.elsewhere)
      const refused = claim.refused === undefined ? batch.length : batch.findIndex(({ id }) => id === claim.refused)
      pending.push(...batch.slice(refused).reverse())
      const tasks: AskTask[] = []
      for (const question of batch.slice(0, refused)) {
        const attempt = attempts.get(question.id)
        if (attempt !== undefined) tasks.push({ id: question.id, key: question.user, question, attempt })
        else if (others.has(question.id)) elsewhere.push(question)
        else {
          const next = resolver.open(question)
          if (next) pending.push(next)
          else live.finished()
        }
      }
      if (claim.refused !== undefined) return { tasks, supply: 'budget', budget: budgetReached(options) }
      return { tasks, supply: pending.length > 0 || elsewhere.length === 0 ? 'ready' : 'elsewhere' }
    },
    body: ({ question, attempt }) => maker.body(question, attempt),
    settle(task, settled) {
      const { kind, body, endpoint, seconds } = settled
      const completion = kind === 'completion' ? settled.completion : undefined
      const usage = completion?.usage ?? { promptTokens: 0, cachedTokens: 0, completionTokens: 0 }
      const truncated = completion?.answer.truncated ?? false
      unwritten.push({ id: task.id, attempt: task.attempt, model, kind, truncated, endpoint, usage, seconds, body })
      if (kind === 'completion') settleCompletion(task, settled)
      else if (kind === 'overflow') proceed(maker.shorter(task.question), messageIn(body))
      else conclude(messageIn(body))
      live.report()
    },
    flush() {
      if (unwritten.length > 0) ledger.record(unwritten.splice(0))
    },
    failed({ id, question }, endpoint, kind, detail) {
      // a request that was cut off may have been worked on, and paid for
      const lost = kind === 'timeout' || kind === 'reset' || kind === 'garbled'
      const worst = lost ? maker.describe(question).worst : { promptTokens: 0, completionTokens: 0 }
      ledger.addFault({ id, model, endpoint, kind, detail, worst })
      live.failed(kind)
      live.report()
    },
    giveBack: tasks => ledger.release(tasks.map(({ id }) => id)),
    shouldStop() {
      const { all, failed, last } = outcomes
      if (all < FEWEST_TO_FAIL || failed <= all * options.failOnError) return undefined
      return new RunError(
        `${failed} of ${all} prompts got no verdict, more than --fail-on-error ${options.failOnError} allows (the last: ${last}): see "dualtree judge status", then "dualtree judge retry"`,
      )
    },
  }
}

/** Whether all that is spent, and at worst will be, stays within the budget; undefined without one. */
function fitsBudget({ maxTokens, maxCost }: AskingOptions, price: Price | undefined) {
  if (maxTokens === undefined && maxCost === undefined) return undefined
  return ({ spent, reserved }: Spending): boolean => {
    const tokens = spent.promptTokens + spent.completionTokens + reserved.promptTokens + reserved.completionTokens
    if (maxTokens !== undefined && tokens > maxTokens) return false
    return maxCost === undefined || costOf(spent, price!) + costOf(reserved, price!) <= maxCost
  }
}

function budgetReached({ maxTokens, maxCost }: AskingOptions): BudgetError {
  const budgets = [
    ...(maxCost === undefined ? [] : [`--max-cost ${maxCost}`]),
    ...(maxTokens === undefined ? [] : [`--max-tokens ${maxTokens}`]),
  ]
  return new BudgetError(
    `the budget is reached (${budgets.join(', ')}): the next prompt might exceed it; the answers are kept, raise it to go on`,
  )
}
