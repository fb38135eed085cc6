/** Jobs of either kind: over users, or over prompts for a language model. */
import { join } from 'node:path'
import { readTable } from '../dataset/table.ts'
import { UsageError } from '../errors.ts'
import type { ImportCount } from '../judges/llm/import-results.ts'
import { checkShardFile, type JobFile, readJob } from '../llm/job-folder.ts'
import { readOptions } from '../run/directory.ts'
import { planRun, recallOptions } from '../run/options/plan-run.ts'
import type { RunResult } from '../run/request.ts'
import { runGiven } from '../run/run.ts'
import type { Watch } from '../run/stage.ts'
import { exportJob, mergeJob } from '../run/stages/judge-batch.ts'
import { LEDGER_JUDGES, openJudgeJob } from '../run/stages/judge-job.ts'
import { openLastJob, parseJob } from '../run/stages/judge-run.ts'
import { type Recommendation, writeRecommendations } from '../serving/write.ts'
import { checkWhole } from '../shard-files.ts'
import { checkIndex, type JobStage, partStates, readAnyJob, runOfJob, type UserJob, userPart } from './job-file.ts'
import { runShard } from './prompt-shard.ts'
import {
  mergeUserJob,
  type PlanRequest,
  planRecommendJob,
  planUserJob,
  runUserShards,
  type ShardWork,
} from './user-job.ts'

export interface PlannedJob {
  readonly folder: string
  readonly shards: number
  /** users or prompts */
  readonly rows: number
  readonly of: 'user rows' | 'prompts'
}

/** @throws UsageError for more shards than there is work; whatever makes the stages before throws */
export async function planJob(
  stage: JobStage,
  request: PlanRequest & { readonly recommend?: NonNullable<UserJob['recommend']> },
): Promise<PlannedJob> {
  const { folder, run, options = {}, shards, recommend = {}, ...watch } = request
  if (stage === 'judge') {
    // by the judge that the run will have
    const { judge } = planRun(recallOptions((await readOptions(run)).given, options).given)
    if (LEDGER_JUDGES.includes(judge.name)) {
      await runGiven({ directory: run, until: 'candidates', options, ...watch })
      const job = await exportJob(await openJudgeJob(run, options), folder, { shards })
      const rows = job.shards.reduce((sum, { requests }) => sum + requests, 0)
      return { folder, shards: job.shards.length, rows, of: 'prompts' }
    }
  }
  const job = stage === 'recommend' ? await planRecommendJob(request, recommend) : await planUserJob(stage, request)
  return { folder, shards, rows: job.shards.reduce((sum, own) => sum + own.rows, 0), of: 'user rows' }
}

/**
 * Makes the parts of some shards in one process, on any machine that sees the job folder and, unless they are of prompts, the run.
 * @param asking whom to ask, for prompts
 * @returns rows, and how many of them were there already
 */
export async function runJobShards(
  folder: string,
  indices: readonly number[],
  asking: Parameters<typeof runShard>[2],
  how: ShardWork = {},
): Promise<{ readonly rows: number; readonly before: number }> {
  const found = await readAnyJob(folder)
  if (found.kind !== 'prompts') {
    for (const index of indices) checkIndex(folder, index, found.job.shards.length)
    return runUserShards(folder, found.job, indices, how)
  }
  const count = { rows: 0, before: 0 }
  for (const index of indices) {
    const { rows, before } = await runShard(folder, index, asking, how)
    count.rows += rows
    count.before += before
  }
  return count
}

export type MergedJob =
  | { readonly stage: 'prompts'; readonly count: ImportCount; readonly run?: RunResult }
  | { readonly stage: Exclude<JobStage, 'recommend'>; readonly run: RunResult }
  | { readonly stage: 'recommend'; readonly file: string; readonly rows: number }

/**
 * Makes the stage of a run from the files of its shards, or the file of recommendations.
 * @throws UsageError naming the shards that are not whole
 */
export async function mergeAnyJob(folder: string, out: string | undefined, watch: Watch): Promise<MergedJob> {
  const found = await readAnyJob(folder)
  if (found.kind === 'prompts') {
    if (found.run === undefined)
      throw new UsageError(`${folder} does not say of which run it is: use "dualtree judge merge RUN --job ${folder}"`)
    const job = await openLastJob(join(folder, found.run), {})
    const count = await mergeJob(job, folder)
    return { stage: 'prompts', count, ...(await parseJob(job, watch)) }
  }
  const { job } = found
  checkWhole(folder, await partStates(folder, job))
  if (job.stage !== 'recommend') return { stage: job.stage, run: await mergeUserJob(folder, job, watch) }
  const file = out ?? join(folder, 'recommendations.parquet')
  return { stage: 'recommend', file, rows: await mergeRecommendations(folder, job, file) }
}

async function mergeRecommendations(folder: string, job: UserJob, file: string): Promise<number> {
  const rows: Recommendation[] = []
  for (const index of job.shards.keys()) {
    const table = await readTable(userPart(folder, index, job), ['user_id', 'rank', 'item_id', 'score'])
    table.user_id.forEach((user, row) => {
      const [rank, score] = [Number(table.rank[row]), Number(table.score[row])]
      rows.push({ user: user!, rank, item: table.item_id[row]!, score })
    })
  }
  await writeRecommendations(file, rows)
  return rows.length
}

export interface JobState {
  readonly stage: string
  /** `whole`, `missing`, or what is wrong, for every shard */
  readonly states: readonly string[]
  /** run directory, where the job says it */
  readonly run?: string
}

export async function jobState(folder: string): Promise<JobState> {
  const found = await readAnyJob(folder)
  if (found.kind === 'users') {
    const { job } = found
    return { stage: job.stage, states: await partStates(folder, job), run: runOfJob(folder, job) }
  }
  const job: JobFile = await readJob(folder)
  const states = await Promise.all(job.shards.map((_, index) => checkShardFile(folder, index, job)))
  return { stage: 'judge', states, ...(found.run !== undefined && { run: join(folder, found.run) }) }
}
