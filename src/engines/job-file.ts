/** A job whose shards are ranges of users: `job.json` in a folder that every worker sees. */
import { join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { joined } from '../dataset/csr.ts'
import { placeOf } from '../dataset/patterns.ts'
import { DataError, UsageError } from '../errors.ts'
import { findJson, writeJson } from '../files.ts'
import { jobSchema as promptJobSchema } from '../llm/job-folder.ts'
import { checkShardFile } from '../shard-files.ts'

export const jobStages = ['candidates', 'judge', 'recommend', 'evaluate'] as const
export type JobStage = (typeof jobStages)[number]

const userJobSchema = z.object({
  version: z.literal(2),
  stage: z.enum(jobStages),
  /** run directory or model, from the job folder: both may be mounted elsewhere */
  run: z.string(),
  /** folder of each stage that is shared, and the key of its inputs and options */
  work: z.array(z.object({ folder: z.string(), key: z.string() })).min(1),
  /** users from `from` up to but without `to`, and the rows that they make */
  shards: z.array(z.object({ from: z.int(), to: z.int(), rows: z.int() })).min(1),
  recommend: z.object({ k: z.int().optional(), method: z.string().optional() }).optional(),
})

export type UserJob = z.output<typeof userJobSchema>
export type AnyJob =
  | { readonly kind: 'users'; readonly job: UserJob }
  | { readonly kind: 'prompts'; readonly run?: string }

export const jobFile = (folder: string) => join(folder, 'job.json')

/** Where a job of a run is when nobody says where. */
export const defaultJobFolder = (run: string, stage: JobStage) => join(run, 'jobs', stage)

/** The run of a job, wherever both are mounted. */
export const runOfJob = (folder: string, { run }: Pick<UserJob, 'run'>) => join(folder, run)

export const pathToRun = (folder: string, run: string) => relative(resolve(folder), resolve(run))

/** Where a shard leaves what it made. */
export function userPart(folder: string, index: number, { stage }: Pick<UserJob, 'stage'>): string {
  return join(folder, `part-${index}.${stage === 'recommend' ? 'parquet' : 'safetensors'}`)
}

/**
 * Writes `job.json`; the very same job may be there already.
 * @throws UsageError when another one is; OutputError when it cannot be written
 */
export async function writeUserJob(folder: string, job: UserJob): Promise<void> {
  const there = await findJson(jobFile(folder), 'remove it').catch(() => ({}))
  if (there !== undefined && JSON.stringify(there) !== JSON.stringify(job))
    throw new UsageError(`${folder} holds another job already: merge it, then remove it, or choose another --out`)
  if (there === undefined) await writeJson(jobFile(folder), job)
}

/** @throws UsageError when the folder is no job; DataError when `job.json` is damaged */
export async function readAnyJob(folder: string): Promise<AnyJob> {
  const remedy = 'plan the job again'
  const found = await findJson<{ version?: number }>(jobFile(folder), remedy)
  if (found === undefined)
    throw new UsageError(
      `${folder} is no job folder (it has no job.json): make one with "dualtree job plan RUN --stage STAGE"`,
    )
  const prompts = promptJobSchema.safeParse(found)
  if (prompts.success) return { kind: 'prompts', ...(prompts.data.run !== undefined && { run: prompts.data.run }) }
  const users = userJobSchema.safeParse(found)
  if (users.success) return { kind: 'users', job: users.data }
  throw new DataError(`${jobFile(folder)}: damaged, or of another version of dualtree; ${remedy}`)
}

/** @throws UsageError for an index that there is not */
export function checkIndex(folder: string, index: number, shards: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= shards)
    throw new UsageError(`${folder} has shards 0 to ${shards - 1}, not ${index}`)
}

/**
 * Users in ranges that make about the same number of rows.
 * @param rows the user of every row
 */
export function cutUsers(rows: readonly Int32Array[], shards: number): UserJob['shards'] {
  const sorted = joined(rows, Int32Array).sort()
  const users = sorted.reduce((count, user, at) => count + Number(at === 0 || user !== sorted[at - 1]), 0)
  if (shards > users) throw new UsageError(`--shards ${shards}: there are only ${users} users to share out`)
  const bounds = [0]
  // a user with many rows may hold two bounds: shards have different users all the same
  for (let at = 1; at < shards; at++)
    bounds.push(Math.max(sorted[Math.floor((at * sorted.length) / shards)], bounds[at - 1] + 1))
  bounds.push(Math.max(sorted[sorted.length - 1], bounds[shards - 1]) + 1)
  return Array.from({ length: shards }, (_, at) => {
    const [from, to] = [bounds[at], bounds[at + 1]]
    return { from, to, rows: placeOf(sorted, to) - placeOf(sorted, from) }
  })
}

/** `whole`, `missing`, or what is wrong, for every shard. */
export async function partStates(folder: string, job: UserJob): Promise<string[]> {
  const states: string[] = []
  for (const [index, { rows }] of job.shards.entries())
    states.push(await checkShardFile(userPart(folder, index, job), folder, index, rows))
  return states
}
