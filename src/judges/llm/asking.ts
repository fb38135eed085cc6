/** Asks all questions of a job that have no answer yet, from a ledger that others may be working on too. */
import { dirname } from 'node:path'
import { RunError, UsageError } from '../../errors.ts'
import type { AskingOptions } from '../../llm/asking-options.ts'
import { type ChatClient, httpChat } from '../../llm/chat-client.ts'
import { type Clock, dispatch } from '../../llm/dispatch.ts'
import { type Price, priceFor } from '../../llm/prices.ts'
import { messageIn } from '../../llm/replies.ts'
import type { Settled, Task, Workload } from '../../llm/workload.ts'
import { derive, randomStream } from '../../random.ts'
import { type Candidates, INVALID, type JudgeContext, type JudgeControl } from '../judge.ts'
import { parseAnswer } from '../parse.ts'
import { budgetReached, fitsBudget } from './budget.ts'
import { remedyFor } from './faults.ts'
import { addCounts, answerFrom, type JobCounts, type NewAnswer } from './ledger-records.ts'
import { collectVerdicts, type JudgeSession, openQuestions, withSession } from './llm-judge.ts'
import { createProgress } from './progress.ts'
import type { PromptOptions } from './prompt-options.ts'
import type { Question } from './questions.ts'
import { countQuestion } from './resolve.ts'
import { countJob } from './status.ts'

export interface AskRequest {
  readonly session: JudgeSession
  /** of its distinct questions, those to ask; all when absent */
  readonly questions?: readonly Question[]
  readonly options: AskingOptions
  readonly seed: number
  /** who is asked; absent, the servers that the options name */
  readonly client?: ChatClient | undefined
  readonly clock?: Clock
}

/** The rule of a judge that asks what its ledger does not hold, and then reads it. @param request beside session and seed */
export const askingRule =
  (context: JudgeContext, options: PromptOptions, request: Pick<AskRequest, 'options' | 'client'>) =>
  (candidates: Candidates, control: JudgeControl) =>
    withSession(context, options, candidates, async session => {
      await askAll({ ...request, session, seed: context.seed }, control)
      return collectVerdicts(session, candidates)
    })

/** A question, and the one that it follows up. */
interface Asked {
  readonly question: Question
  readonly root: Question
}

interface AskTask extends Task, Asked {
  readonly attempt: number
}

/** Answers are looked at for `failOnError` from this many on. */
const FEWEST_TO_FAIL = 20

/**
 * @throws BudgetError at the end of a budget; RunError when no server answers, too many prompts get no verdict, or some are left
 *   to batches; UsageError when there is nobody to ask, or a cost to keep without a price; whatever the signal aborts with.
 *   What was answered by then is in the ledger
 */
export async function askAll(request: AskRequest, { signal, progress }: JudgeControl = {}): Promise<void> {
  const { options, session, seed, client = httpChat(request.options) } = request
  const { model, ledger } = session
  const questions = request.questions ?? session.distinct
  const open = [...openQuestions(session, questions)]
  if (open.length === 0) return
  const inBatches = new Set(ledger.openBatches().flatMap(({ name }) => ledger.leasesOf(name)))
  const ours = open.filter(({ question }) => !inBatches.has(question.id))
  if (ours.length === 0) throw leftToBatches(open.length)
  if (client.urls.length === 0)
    throw new UsageError(
      `${ours.length} of ${questions.length} prompts have no answer yet: say whom to ask with --base-url`,
    )
  const price = await priceFor(options, model)
  // from here on the counts are kept up with every answer
  await countJob(session)
  const { uniform: random } = randomStream(derive(seed, 'asking', process.pid))
  const live = createProgress(session, price, questions.length - open.length, questions.length)
  const workload = createWorkload(request, ours, price, { ...live, report: () => progress?.(...live.state()) })
  live.begin()
  progress?.(...live.state())
  await client.use(send =>
    dispatch(workload, { ...options, send, baseUrls: client.urls, random, signal, clock: request.clock }),
  )
  if (ours.length < open.length) throw leftToBatches(open.length - ours.length)
}

function leftToBatches(count: number): RunError {
  return new RunError(
    `${count} prompts are in batches that were submitted: bring their answers in with "dualtree judge collect"`,
  )
}

type Live = ReturnType<typeof createProgress> & { report(): void }

function createWorkload(
  { session, options }: AskRequest,
  open: readonly Asked[],
  price: Price | undefined,
  live: Live,
): Workload<AskTask> {
  const { maker, resolver, ledger, model, mode, job, folder } = session
  // taken from the end
  const pending = [...open].reverse()
  const elsewhere: Asked[] = []
  const unwritten: NewAnswer[] = []
  /** what the prompts that are done add to the counts; those with follow-ups are read again */
  const concluded: (Question | Omit<JobCounts, 'prompts'>)[] = []
  const outcomes = { all: 0, failed: 0, last: '' }
  const fits = fitsBudget(options, price)

  const conclude = (done: (typeof concluded)[number], failure: string | undefined) => {
    outcomes.all++
    concluded.push(done)
    live.finished()
    if (failure === undefined) return
    outcomes.failed++
    outcomes.last = failure
  }
  /** Goes on with the question that follows, or is done with it. */
  const proceed = (
    root: Question,
    next: Question | undefined,
    failure: string | undefined,
    done: (typeof concluded)[number] = root,
  ) => {
    if (next) pending.push({ question: next, root })
    else conclude(done, failure)
  }
  const settleCompletion = ({ question, root }: AskTask, { completion }: Extract<Settled, { kind: 'completion' }>) => {
    const reading = parseAnswer(mode, question.items.length, completion.answer)
    const next = resolver.followUp(question, reading)
    const asked = question.items.length - (next ? reading.missing.length : 0)
    const valid = reading.labels.reduce((sum, label) => sum + Number(label !== INVALID), 0)
    live.answered(asked, valid, completion.usage)
    const { fault } = reading
    const failure = valid === 0 ? `an answer without a verdict: ${fault}, ${remedyFor(fault!)}` : undefined
    const faults = fault ? [{ fault, id: question.id }] : []
    proceed(root, next, failure, question === root ? countQuestion({ ...reading, faults }) : root)
  }

  return {
    take(count) {
      if (pending.length === 0) pending.push(...elsewhere.splice(0))
      const batch = pending.splice(-count).reverse()
      if (batch.length === 0) return { tasks: [], supply: elsewhere.length > 0 ? 'elsewhere' : 'done' }
      const prompts = batch.map(({ question }) => maker.describe(question, ledger.nextAttempt(question.id)))
      const claim = ledger.claim(prompts, fits)
      const attempts = new Map(claim.claimed.map(({ id, attempt }) => [id, attempt]))
      const others = new Set(claim.elsewhere)
      const refused = claim.refused === undefined ? batch.length : prompts.findIndex(({ id }) => id === claim.refused)
      pending.push(...batch.slice(refused).reverse())
      const tasks: AskTask[] = []
      for (const asked of batch.slice(0, refused)) {
        const { question, root } = asked
        const attempt = attempts.get(question.id)
        if (attempt !== undefined) tasks.push({ id: question.id, key: question.user, question, root, attempt })
        else if (others.has(question.id)) elsewhere.push(asked)
        else {
          const next = resolver.open(question)
          if (next) pending.push({ question: next, root })
          else live.finished()
        }
      }
      if (claim.refused !== undefined) return { tasks, supply: 'budget', budget: budgetReached(options) }
      return { tasks, supply: pending.length > 0 || elsewhere.length === 0 ? 'ready' : 'elsewhere' }
    },
    body: ({ question, attempt }) => maker.body(question, attempt),
    settle(task, settled) {
      const { endpoint, seconds } = settled
      unwritten.push(answerFrom(settled, { id: task.id, attempt: task.attempt, model, endpoint, seconds }))
      if (settled.kind === 'completion') settleCompletion(task, settled)
      else if (settled.kind === 'overflow') proceed(task.root, maker.shorter(task.question), messageIn(settled.body))
      else conclude(task.root, messageIn(settled.body))
      live.report()
    },
    flush() {
      if (unwritten.length === 0) return
      ledger.record(unwritten.splice(0), () => {
        const counts = concluded.splice(0).map(done => ('id' in done ? countQuestion(resolver.resolve(done)) : done))
        if (counts.length > 0) ledger.addToJob(job, counts.reduce(addCounts))
      })
    },
    failed({ id, question, attempt }, endpoint, kind, detail) {
      // a request that was cut off may have been worked on, and paid for
      const lost = kind === 'timeout' || kind === 'reset' || kind === 'garbled'
      const worst = lost ? maker.describe(question, attempt).worst : { promptTokens: 0, completionTokens: 0 }
      ledger.addFault({ id, model, endpoint, kind, detail, worst })
      live.failed(kind)
      live.report()
    },
    giveBack: tasks => ledger.release(tasks.map(({ id }) => id)),
    shouldStop() {
      const { all, failed, last } = outcomes
      if (all < FEWEST_TO_FAIL || failed <= all * options.failOnError) return undefined
      const run = folder === undefined ? 'RUN' : dirname(folder)
      return new RunError(
        `${failed} of ${all} prompts got no verdict, more than --fail-on-error ${options.failOnError} allows (the last: ${last}): see the answers with "dualtree judge show ${run} --faults all"`,
      )
    },
  }
}
