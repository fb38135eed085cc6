/** Jobs over users: a stage of a run planned as ranges of users, one range worked on, and the parts made the stage. */
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { joined } from '../dataset/csr.ts'
import { DataError, UsageError } from '../errors.ts'
import { findJson, makeDirectory, writeJson } from '../files.ts'
import { decodeTensors, encodeTensors, type Tensor } from '../models/safetensors.ts'
import { ascending } from '../places.ts'
import { visitStages } from '../run/finished-stages.ts'
import type { RunResult } from '../run/request.ts'
import { runGiven } from '../run/run.ts'
import type { MergedRows, ShardedRows, Sharding } from '../run/sharding.ts'
import type { Watch } from '../run/stage.ts'
import { openServing } from '../serving/model/open-run.ts'
import { rowsOfAnswers, writeRecommendations } from '../serving/write.ts'
import { checkShardFile, finishShardFile, unfinishedShardFile, writeShardFile } from '../shard-files.ts'
import { cutUsers, type JobStage, pathToRun, runOfJob, type UserJob, userPart, writeUserJob } from './job-file.ts'

type Progress = (done: number, total: number, detail?: string) => void
/** Stages of a run that a job makes. */
type RunStage = Exclude<JobStage, 'recommend'>

const wants = (stage: RunStage) => (name: string) =>
  stage === 'evaluate' ? name.startsWith('evaluate-') : name === stage

export interface PlanRequest extends Watch {
  /** run directory */
  readonly run: string
  readonly folder: string
  readonly shards: number
  /** on top of those of the run */
  readonly options?: Readonly<Record<string, unknown>>
}

/**
 * Makes what the stage is made from, and writes the job.
 * @throws UsageError for more shards than users; whatever `run` throws
 */
export async function planUserJob(stage: RunStage, { run, folder, shards, ...rest }: PlanRequest): Promise<UserJob> {
  const work: UserJob['work'] = []
  const users: Int32Array[] = []
  const sharding: Sharding = {
    wants: wants(stage),
    async visit(folder, key, own) {
      work.push({ folder, key })
      users.push(own.users())
    },
  }
  await runGiven({ directory: run, until: stage, sharding, ...rest })
  if (work.length === 0) throw new UsageError(`${run}: its candidates come from a file: there is nothing to share out`)
  const job: UserJob = { version: 2, stage, run: pathToRun(folder, run), work, shards: cutUsers(users, shards) }
  await makeDirectory(folder)
  await writeUserJob(folder, job)
  return job
}

/** The same for recommendations to all users of a model. */
export async function planRecommendJob(
  { run, folder, shards }: Pick<PlanRequest, 'run' | 'folder' | 'shards'>,
  recommend: NonNullable<UserJob['recommend']>,
): Promise<UserJob> {
  const model = await openServing(run, recommend.method)
  try {
    const users = ascending(model.info.users)
    const work = [{ folder: 'recommend', key: model.info.id }]
    const job: UserJob = {
      ...{ version: 2, stage: 'recommend', run: pathToRun(folder, run), work },
      ...{ shards: cutUsers([users], shards), recommend },
    }
    await makeDirectory(folder)
    await writeUserJob(folder, job)
    return job
  } finally {
    model.close()
  }
}

export interface ShardWork extends Watch {
  readonly threads?: number | undefined
  readonly progress?: Progress
}

/**
 * Makes the parts of some shards, for which the run is loaded once; parts that are whole are left as they are. What it leaves depends on
 * nothing but the job.
 * @returns rows, and how many of them were there already
 * @throws UsageError when the run is not as it was when the job was planned
 */
export async function runUserShards(folder: string, job: UserJob, indices: readonly number[], how: ShardWork = {}) {
  const count = { rows: 0, before: 0 }
  const open: number[] = []
  for (const index of indices) {
    const { rows } = job.shards[index]
    count.rows += rows
    if ((await checkShardFile(userPart(folder, index, job), folder, index, rows)) === 'whole') count.before += rows
    else open.push(index)
  }
  if (open.length === 0) return count
  if (job.stage === 'recommend') await recommendShards(folder, job, open)
  else {
    const parts = await visitUsers(folder, job, job.stage, open, how)
    for (const [at, index] of open.entries()) {
      const { tensors, metadata, seconds } = parts[at]
      // not in the part, whose bytes are the same whoever makes it
      await writeJson(secondsFile(folder, index), seconds)
      const bytes = encodeTensors({ tensors, metadata })
      await writeShardFile(userPart(folder, index, job), folder, index, bytes, job.shards[index].rows)
    }
  }
  return count
}

interface ShardRows {
  readonly tensors: Record<string, Tensor>
  readonly metadata: Record<string, string>
  /** that each stage took */
  readonly seconds: Record<string, number>
}

async function visitUsers(
  folder: string,
  job: UserJob,
  stage: RunStage,
  indices: readonly number[],
  { progress, ...watch }: ShardWork,
): Promise<ShardRows[]> {
  const parts = indices.map((): ShardRows => ({ tensors: {}, metadata: {}, seconds: {} }))
  const directory = runOfJob(folder, job)
  const sharding: Sharding = {
    wants: wants(stage),
    async visit(name, key, rows) {
      checkKey(directory, job, name, key)
      for (const [at, { tensors, metadata, seconds }] of parts.entries()) {
        const { from, to } = job.shards[indices[at]]
        const users = rows.users().filter(user => user >= from && user < to)
        if (users.length === 0) continue
        const start = performance.now()
        const { arrays, note } = await rows.rows(users, (done, total) => progress?.(done, total, 'users'))
        seconds[name] = (performance.now() - start) / 1000
        tensors[`${name}/users`] = { shape: [users.length], values: users }
        for (const [array, values] of Object.entries(arrays))
          tensors[`${name}/${array}`] = { shape: [users.length, values.length / users.length], values }
        if (note !== undefined) metadata[name] = note
      }
    },
  }
  await visitStages(directory, stage, { sharding, remedy: remedyOf(job, directory), ...watch })
  return parts
}

const secondsFile = (folder: string, index: number) => join(folder, `part-${index}.seconds`)

const remedyOf = ({ stage }: UserJob, directory: string) => `dualtree job plan ${directory} --stage ${stage}`

function checkKey(directory: string, job: UserJob, name: string, key: string): void {
  if (job.work.find(own => own.folder === name)?.key !== key)
    throw new UsageError(
      `${directory} is not as it was when the job was planned (${name}): remove the job folder and run "${remedyOf(job, directory)}" again`,
    )
}

/** External ids, a row per item. */
async function recommendShards(folder: string, job: UserJob, indices: readonly number[]): Promise<void> {
  const { k, method } = job.recommend!
  const directory = runOfJob(folder, job)
  const model = await openServing(directory, method)
  try {
    checkKey(directory, job, 'recommend', model.info.id)
    const everyone = [...model.users()]
    for (const index of indices) {
      const users = everyone.slice(job.shards[index].from, job.shards[index].to)
      const answers = model.recommendMany(users.map(user => ({ user, ...(k !== undefined && { k }) })))
      await writeRecommendations(unfinishedShardFile(folder, index), rowsOfAnswers(users.map(String), answers))
      await rename(unfinishedShardFile(folder, index), userPart(folder, index, job))
      await finishShardFile(userPart(folder, index, job), folder, index, users.length)
    }
  } finally {
    model.close()
  }
}

/**
 * Makes the stage of the parts, which are whole: the same bytes as one machine makes.
 * @throws whatever `run` throws
 */
export async function mergeUserJob(folder: string, job: UserJob, watch: Watch): Promise<RunResult> {
  const directory = runOfJob(folder, job)
  const parts = await Promise.all(
    job.shards.map(async (_, index) => ({
      ...decodeTensors(await readFile(userPart(folder, index, job)), `part-${index}`),
      seconds: await findJson<Record<string, number>>(secondsFile(folder, index), 'remove it').catch(() => undefined),
    })),
  )
  const sharding: Sharding = {
    wants: wants(job.stage as RunStage),
    async merged(name, key, rows) {
      checkKey(directory, job, name, key)
      const own = parts.map(({ tensors, metadata }) => ({ tensors, note: metadata[name] }))
      const seconds = parts.reduce((sum, part) => sum + (part.seconds?.[name] ?? 0), 0)
      return { ...joinRows(own, name, rows), seconds }
    },
  }
  return runGiven({ directory, until: job.stage as RunStage, sharding, ...watch })
}

function joinRows(
  parts: readonly { tensors: Readonly<Record<string, Tensor>>; note: string | undefined }[],
  name: string,
  { joinNotes }: ShardedRows,
): Omit<MergedRows, 'seconds'> {
  const filled = parts.filter(({ tensors }) => `${name}/users` in tensors)
  const join = (array: string) => {
    const pieces = filled.map(({ tensors }) => tensors[`${name}/${array}`].values)
    return joined(pieces, pieces[0].constructor as new (length: number) => Tensor['values'])
  }
  const own = (tensors: Readonly<Record<string, Tensor>>) =>
    Object.keys(tensors)
      .filter(array => array.startsWith(`${name}/`))
      .map(array => array.slice(name.length + 1))
  const arrays = Object.fromEntries(own(filled[0].tensors).map(array => [array, join(array)]))
  const notes = filled.flatMap(({ note }) => note ?? [])
  const { users, ...rest } = arrays
  if (!joinNotes && new Set(notes).size > 1)
    throw new DataError(`${name}: its shards do not agree (${[...new Set(notes)].join('; ')}); run the job again`)
  const note = joinNotes ? joinNotes(notes) : notes[0]
  return { users: users as Int32Array, arrays: rest, ...(notes.length > 0 && { note }) }
}
