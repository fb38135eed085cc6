/** A judge job from the first prompt to the verdicts: asked beside the run, then read into its stage `judge`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { itemOptions } from '../../dataset/items/texts.ts'
import { DataError, OutputError, UsageError } from '../../errors.ts'
import { sha256, writeJson } from '../../files.ts'
import { judges } from '../../judges/index.ts'
import { askAll } from '../../judges/llm/asking.ts'
import { markForRetry, type RetryKind } from '../../judges/llm/faults.ts'
import { inLedger } from '../../judges/llm/ledger.ts'
import { countOpen, type JudgeSession, withSession } from '../../judges/llm/llm-judge.ts'
import { countJob, type JobStatus, jobStatus } from '../../judges/llm/status.ts'
import { readPrice } from '../../llm/prices.ts'
import { derive, shuffle } from '../../random.ts'
import { describePartOptions } from '../../registry.ts'
import type { RunResult } from '../request.ts'
import { run } from '../run.ts'
import { showAsStage } from '../shown.ts'
import type { Watch } from '../stage.ts'
import { ledgerFolder } from './judge.ts'
import { type JudgeJob, openJudgeJob, withJudge } from './judge-job.ts'

export interface JudgeRunResult {
  readonly status: JobStatus
  /** the run with its verdicts; absent after a sample, or when another process is writing them */
  readonly run?: RunResult
}

/** Opens the questions of a job and its ledger. */
export function inJob<T>(job: JudgeJob, body: (session: JudgeSession) => Promise<T> | T): Promise<T> {
  return withSession(job.context, job.options, job.candidates, body)
}

/**
 * Asks what has no answer yet, all or a sample, and when all is answered makes the stage `judge` of it. Several processes
 * may do the same on one run.
 * @param sample prompts, drawn by the seed of the run
 * @throws BudgetError, and whatever ends the asking; every answer until then is kept
 */
export async function runJudgeJob(job: JudgeJob, sample: number | undefined, watch: Watch): Promise<JudgeRunResult> {
  const { options, asking, client, context } = job
  const status = await showAsStage(watch.emit, { stage: 'ask', title: `Asking ${options.llmModel}` }, progress =>
    inJob(job, async session => {
      await rememberJob(job, session)
      const { distinct } = session
      const order = shuffle(Int32Array.from(distinct.keys()), derive(context.seed, 'judge', 'sample'))
      const questions = sample === undefined ? undefined : Array.from(order.subarray(0, sample), at => distinct[at])
      const request = { session, options: asking, client, seed: context.seed, ...(questions && { questions }) }
      await askAll(request, { signal: watch.signal, progress })
      return statusIn(session, job)
    }),
  )
  return sample === undefined ? { status, ...(await readIntoRun(job, watch)) } : { status }
}

async function statusIn(session: JudgeSession, { options, asking }: JudgeJob): Promise<JobStatus> {
  const price = await readPrice(asking.prices, options.llmModel)
  return jobStatus(session.ledger, await countJob(session), options.llmModel, price)
}

/** Where the last job stands: by the counts that the ledger keeps, where nothing has changed since; else all is read. */
export async function lastJobStatus(
  directory: string,
  options: Readonly<Record<string, unknown>>,
): Promise<{ status: JobStatus; currency?: string }> {
  const last = await readLastJob(directory)
  const { llmModel, prices } = { ...last?.given, ...options } as { llmModel?: string; prices?: string }
  const key = last?.job
  const price = (model: string) => readPrice(prices, model)
  const asGiven = Object.keys(options).every(name => name === 'prices')
  if (key && llmModel && asGiven && last?.stamp === (await stampOf(directory))) {
    const known = await price(llmModel)
    const status = await inLedger(ledgerFolder(directory), ledger => {
      const counts = ledger.job(key)
      return counts && jobStatus(ledger, counts, llmModel, known)
    })
    if (status) return { status, ...(known && { currency: known.currency }) }
  }
  const job = await openLastJob(directory, options)
  const status = await inJob(job, session => statusIn(session, job))
  const known = await price(job.options.llmModel)
  return { status, ...(known && { currency: known.currency }) }
}

/**
 * Makes the stage `judge` from the answers that are there, without asking.
 * @throws UsageError when some are missing
 */
export async function parseJob(job: JudgeJob, watch: Watch): Promise<{ run?: RunResult }> {
  const { open, all } = await inJob(job, session => ({ all: session.distinct.length, open: countOpen(session) }))
  if (open > 0)
    throw new UsageError(
      `${open} of ${all} prompts have no answer yet: ask them with "dualtree judge resume ${job.directory}", or bring answers in with "dualtree judge import"`,
    )
  return readIntoRun(job, watch)
}

async function readIntoRun({ directory, given, asking, client }: JudgeJob, watch: Watch): Promise<{ run?: RunResult }> {
  // answers from elsewhere need nobody to ask
  const options = client || asking.baseUrl.length > 0 ? given : withJudge(given, { judge: 'batch' })
  try {
    // all is answered: nobody is asked. Other answers to the same questions make other verdicts
    return { run: await run({ directory, until: 'judge', remake: 'judge', options, ...watch }) }
  } catch (error) {
    if (error instanceof OutputError && error.message.includes('in use by process')) return {}
    throw error
  }
}

/** @returns how many answers will be asked again */
export function retryJob(job: JudgeJob, only: RetryKind): Promise<number> {
  return inJob(job, session => markForRetry(session, only))
}

/**
 * The other stages are about to be made with the verdicts of the run's judge: what a language model was asked must not be
 * passed over.
 * @throws UsageError when the last job on these candidates is not done
 */
export async function checkAnswered(directory: string): Promise<void> {
  const last = await readLastJob(directory)
  const job = last?.job
  if (job === undefined || last?.stamp !== (await stampOf(directory))) return
  const counts = await inLedger(ledgerFolder(directory), ledger => ledger.job(job))
  if (!counts || counts.done >= counts.prompts) return
  const { llmModel = 'a language model' } = last.given
  throw new UsageError(
    `${directory}: ${llmModel} has answered ${counts.done} of ${counts.prompts} prompts: go on with "dualtree judge resume ${directory}", or judge in another way, such as --judge prefix`,
  )
}

interface LastJob {
  readonly given: Readonly<Record<string, unknown>>
  /** the name of its counts in the ledger */
  readonly job?: string
  /** of the stages that its prompts were made from */
  readonly stamp?: string
  /** of its batches */
  readonly cuts?: Readonly<Record<string, unknown>>
}

/** Keeps the options of a job for the commands that go on with it. */
export async function rememberJob(
  { directory, given }: JudgeJob,
  { job }: JudgeSession,
  cuts?: LastJob['cuts'],
): Promise<void> {
  const kept = cuts ?? (await lastCuts(directory).catch(() => ({})))
  const last: LastJob = { given, job, stamp: await stampOf(directory), cuts: kept }
  await writeJson(lastJobFile(directory), last)
}

/** How the batches of the last job were cut. */
export const lastCuts = async (directory: string) => (await readLastJob(directory))?.cuts ?? {}

async function readLastJob(directory: string): Promise<LastJob | undefined> {
  const path = lastJobFile(directory)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const last = JSON.parse(text)
    if (typeof last?.given === 'object' && last.given) return last
  } catch {}
  throw new DataError(`${path}: damaged; start "dualtree judge run" again, or remove it`)
}

async function stampOf(directory: string): Promise<string> {
  const manifests = ['data', 'trees', 'candidates'].map(stage =>
    readFile(join(directory, stage, 'manifest.json'), 'utf8').catch(() => ''),
  )
  return sha256((await Promise.all(manifests)).join())
}

/** The job that was asked or exported last on a run, with other options on top; all but the judge is as the run has it now. */
export async function openLastJob(directory: string, options: Readonly<Record<string, unknown>>): Promise<JudgeJob> {
  const last = Object.entries((await readLastJob(directory))?.given ?? {})
  const own = last.filter(([key]) => key === 'judge' || isJudgeOption(key))
  return openJudgeJob(directory, { ...Object.fromEntries(own), ...options })
}

/** Also what items are: prompts may say it. */
function isJudgeOption(key: string): boolean {
  if (key in itemOptions.shape) return true
  return judges.parts.some(part => describePartOptions(part).some(({ name }) => name === key))
}

function lastJobFile(directory: string): string {
  return join(ledgerFolder(directory), 'last-run.json')
}
