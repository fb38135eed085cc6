/** A judge job from the first prompt to the verdicts: asked beside the run, then read into its stage `judge`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, OutputError, UsageError } from '../../errors.ts'
import { writeAtomic } from '../../files.ts'
import { judges } from '../../judges/index.ts'
import { askAll } from '../../judges/llm/asking.ts'
import { type Interview, withInterview } from '../../judges/llm/llm-judge.ts'
import { readPrice } from '../../judges/llm/prices.ts'
import { type JobStatus, jobStatus, markForRetry, type RetryKind } from '../../judges/llm/status.ts'
import { derive, shuffle } from '../../random.ts'
import { describePartOptions } from '../../registry.ts'
import { type RunResult, run } from '../run.ts'
import { showAsStage } from '../shown.ts'
import type { RunEvent } from '../stage.ts'
import { ledgerFolder } from './judge.ts'
import { type JudgeJob, openJudgeJob, withJudge } from './judge-job.ts'

export interface Watch {
  readonly signal?: AbortSignal
  readonly emit?: (event: RunEvent) => void
}

export interface JudgeRunResult {
  readonly status: JobStatus
  /** the run with its verdicts; absent after a sample, or when another process is writing them */
  readonly run?: RunResult
}

/** Opens the questions of a job and its ledger. */
export function inJob<T>(job: JudgeJob, body: (interview: Interview) => Promise<T> | T): Promise<T> {
  return withInterview(job.context, job.options, job.candidates, body)
}

/**
 * Asks what has no answer yet, all or a sample, and when all is answered makes the stage `judge` of it. Several processes
 * may do the same on one run.
 * @param sample prompts, drawn by the seed of the run
 * @throws BudgetError, and whatever ends the asking; every answer until then is kept
 */
export async function runJudgeJob(job: JudgeJob, sample: number | undefined, watch: Watch): Promise<JudgeRunResult> {
  const { options, asking, context } = job
  await rememberJob(job)
  const status = await showAsStage(watch.emit, { stage: 'ask', title: `Asking ${options.llmModel}` }, progress =>
    inJob(job, async interview => {
      const { distinct } = interview
      const order = shuffle(Int32Array.from(distinct.keys()), derive(context.seed, 'judge', 'sample'))
      const questions =
        sample === undefined ? distinct : Array.from(order.subarray(0, sample), index => distinct[index])
      const request = { ...interview, questions, model: options.llmModel, mode: options.mode, options: asking }
      await askAll({ ...request, seed: context.seed }, { signal: watch.signal, progress })
      return jobStatus(interview, options.llmModel, await readPrice(asking.prices, options.llmModel))
    }),
  )
  return sample === undefined ? { status, ...(await readIntoRun(job, watch)) } : { status }
}

/**
 * Makes the stage `judge` from the answers that are there, without asking.
 * @throws UsageError when some are missing
 */
export async function parseJob(job: JudgeJob, watch: Watch): Promise<{ run?: RunResult }> {
  const { open, all } = await inJob(job, ({ distinct, resolver }) => ({
    all: distinct.length,
    open: distinct.filter(question => resolver.open(question)).length,
  }))
  if (open > 0)
    throw new UsageError(
      `${open} of ${all} prompts have no answer yet: ask them with "dualtree judge resume ${job.directory}", or bring answers in with "dualtree judge import"`,
    )
  return readIntoRun(job, watch)
}

async function readIntoRun({ directory, given, asking }: JudgeJob, watch: Watch): Promise<{ run?: RunResult }> {
  // answers from elsewhere need nobody to ask
  const options = asking.baseUrl.length > 0 ? given : withJudge(given, { judge: 'batch' })
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
  return inJob(job, interview => markForRetry(interview, only))
}

/** Keeps the options of a job for the commands that go on with it. */
export function rememberJob({ directory, given }: JudgeJob): Promise<void> {
  return writeAtomic(lastJobFile(directory), `${JSON.stringify({ given }, null, 2)}\n`)
}

/** The job that was asked or exported last on a run, with other options on top; all but the judge is as the run has it now. */
export async function openLastJob(directory: string, options: Readonly<Record<string, unknown>>): Promise<JudgeJob> {
  const path = lastJobFile(directory)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return openJudgeJob(directory, options)
  try {
    const last = Object.entries(JSON.parse(text).given).filter(([key]) => key === 'judge' || isJudgeOption(key))
    return await openJudgeJob(directory, { ...Object.fromEntries(last), ...options })
  } catch (error) {
    if (error instanceof SyntaxError) throw new DataError(`${path}: not JSON; start "dualtree judge run" again`)
    throw error
  }
}

function isJudgeOption(key: string): boolean {
  return judges.parts.some(part => describePartOptions(part).some(({ name }) => name === key))
}

function lastJobFile(directory: string): string {
  return join(ledgerFolder(directory), 'last-run.json')
}
