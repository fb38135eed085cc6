/**
 * A stage: a folder of a run directory, made in one go from inputs and options. Its `manifest.json`, written last, holds
 * the key (hash of inputs and options) and the hash of every file; a stage whose key and files match is reused, anything
 * else is made again. So a run can be killed at any moment.
 *
 * What a stage computed is always read back from its files, also where it was in memory a moment ago: a stage that is
 * reused and one that was just made then give what comes after the same, to the bit.
 */
import { appendFileSync } from 'node:fs'
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, OutputError, UsageError } from '../errors.ts'
import {
  cannotWrite,
  isThere,
  makeDirectory,
  recallWrites,
  refuseUnreadable,
  rememberWrites,
  sha256,
  sha256OfFile,
  writeJson,
} from '../files.ts'
import { stageFolder } from './seeds.ts'
import { type MergedRows, NOT_MADE, type ShardedRows, type Sharding } from './sharding.ts'
import { copyStage, storedStage } from './store.ts'

/** What a run tells whoever watches: the CLI draws it, `events.jsonl` keeps it (but for progress). */
export type RunEvent =
  | { type: 'stage-start'; stage: string; title: string }
  | { type: 'progress'; stage: string; done: number; total: number; detail?: string }
  | { type: 'message'; stage: string; text: string }
  | { type: 'stage-end'; stage: string; seconds: number; peakBytes: number; reused: boolean }

export interface StageContext {
  /** the run directory */
  readonly directory: string
  readonly signal?: AbortSignal
  readonly emit: (event: RunEvent) => void
  /** set for the seeds after a run's first: stages then have folders of their own, see `seeds.ts` */
  readonly repeatSeed?: number
  /** directory of stages that other runs share with this one, see `stage-store.ts` */
  readonly store?: string
  /**
   * only stages that are there already are wanted: nothing is made or written, so that others may be at work; the text is
   * the command that makes what is missing
   */
  readonly readOnly?: string
  /** set where some stages are cut into shards of users */
  readonly sharding?: Sharding
}

export interface StageReporter {
  progress(done: number, total: number, detail?: string): void
  message(text: string): void
  /** What earlier, killed attempts spent, on whose work this one went on. */
  earlierSeconds(seconds: number): void
}

export interface Stage<T> {
  /** also the folder's name, but for the suffix of a repeat */
  readonly name: string
  /** for people: "Training the base model" */
  readonly title: string
  readonly options: unknown
  /** raised when what this stage writes, or how, changes: older folders are then made again; 1 when absent */
  readonly format?: number
  /** hashes of what it is made from, by name */
  readonly inputs: Readonly<Record<string, string>>
  /** the rows that shards can make */
  readonly shared?: ShardedRows
  /**
   * Writes the stage's files into `folder`, which becomes the stage's own when it is whole; until then it may hold the
   * scratch files of an earlier, killed attempt.
   * @param key fingerprint of inputs and options, for checkpoints of its own
   * @param merged what `shared` comes to, where others have made it
   */
  compute(folder: string, report: StageReporter, key: string, merged?: MergedRows): Promise<void>
  load(folder: string): Promise<T>
}

export interface StageResult<T> {
  readonly value: T
  /** hash of the stage's files: what later stages take as input */
  readonly hash: string
  readonly manifest: Manifest
}

export interface Manifest {
  readonly stage: string
  readonly key: string
  readonly options: unknown
  readonly inputs: Readonly<Record<string, string>>
  /** SHA-256 by path below the folder */
  readonly files: Readonly<Record<string, string>>
  /** how long it took to make, in all sessions */
  readonly seconds: number
  /** the most memory the process had used by its end */
  readonly peakBytes: number
}

export async function runStage<T>(context: StageContext, stage: Stage<T>): Promise<StageResult<T>> {
  const { directory, signal, emit, repeatSeed, store } = context
  const sharding = stage.shared && context.sharding?.wants(stage.name) ? context.sharding : undefined
  signal?.throwIfAborted()
  const name = stageFolder(stage.name, repeatSeed)
  const folder = join(directory, name)
  const key = sha256(JSON.stringify([stage.format ?? 1, stage.name, stage.options, stage.inputs]))
  const title = repeatSeed === undefined ? stage.title : `${stage.title}, seed ${repeatSeed}`
  emit({ type: 'stage-start', stage: name, title })
  if (sharding?.visit) {
    await sharding.visit(name, key, stage.shared!)
    return NOT_MADE
  }
  if (context.readOnly && !(await usable(folder, key)))
    throw new UsageError(
      `${directory}: the stage "${name}" is not there, or was made with other options: run "${context.readOnly}" first`,
    )
  if (!context.readOnly) await finishReplacing(folder)
  const kept = store === undefined ? undefined : storedStage(store, name, key)
  if (kept && !(await usable(folder, key)) && (await usable(kept, key))) await copyStage(kept, folder)
  let manifest = await usable(folder, key)
  const reused = manifest !== undefined
  if (!manifest) {
    // what is there stays until something better is whole
    const partial = `${folder}.partial`
    await prepareFolder(partial)
    const start = performance.now()
    const { report, earlier } = createReporter(context, name)
    const merged = await sharding?.merged?.(name, key, stage.shared!)
    if (merged) report.earlierSeconds(merged.seconds)
    await stage.compute(partial, report, key, merged)
    manifest = await writeManifest(partial, { ...stage, name }, key, earlier() + (performance.now() - start) / 1000)
    await replaceFolder(folder, partial)
  }
  if (kept && (!reused || !(await readManifest(kept)))) await copyStage(folder, kept)
  const value = await stage.load(folder)
  const { seconds, peakBytes } = manifest
  emit({ type: 'stage-end', stage: name, seconds, peakBytes, reused })
  return { value, hash: hashOfFiles(manifest.files), manifest }
}

/** The hash by which later stages know a stage's files. */
export function hashOfFiles(files: Manifest['files']): string {
  return sha256(JSON.stringify(files))
}

/** @returns undefined where there is no manifest that can be read: the stage is then made again */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
    return isManifest(manifest) ? manifest : undefined
  } catch (error) {
    refuseUnreadable(join(folder, 'manifest.json'), error)
    return undefined
  }
}

function isManifest(value: Partial<Manifest> | null): value is Manifest {
  const isRecord = (part: unknown) => typeof part === 'object' && part !== null && !Array.isArray(part)
  return isRecord(value) && typeof value!.key === 'string' && isRecord(value!.files) && isRecord(value!.inputs)
}

/** Lets a stage be made again, though its inputs and options are as they were. */
export async function discardStage(directory: string, name: string): Promise<void> {
  await rm(join(directory, name, 'manifest.json'), { force: true })
}

/** Files of a stage that are neither results nor hashed: what a killed attempt left to resume from. */
export const SCRATCH = 'scratch'

async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeDirectory(folder)
    for (const name of await readdir(folder)) if (name !== SCRATCH) await rm(join(folder, name), { recursive: true })
    rememberWrites(folder)
  } catch (error) {
    throw cannotWrite(folder, error)
  }
}

async function replaceFolder(folder: string, by: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
    await rename(by, folder)
  } catch (error) {
    throw cannotWrite(folder, error)
  }
}

/** A kill may have come just before the last rename. */
async function finishReplacing(folder: string): Promise<void> {
  const partial = `${folder}.partial`
  if (!(await readManifest(folder)) && (await readManifest(partial))) await replaceFolder(folder, partial)
}

async function writeManifest(folder: string, stage: Stage<unknown>, key: string, seconds: number): Promise<Manifest> {
  await rm(join(folder, SCRATCH), { recursive: true, force: true })
  const files: Record<string, string> = {}
  const names = await readdir(folder)
  // a directory that is being removed loses its files one by one: what is left of them is no stage
  const gone = [...recallWrites(folder)].find(name => !names.includes(name))
  if (gone !== undefined) throw new OutputError(`${join(folder, gone)} was removed while it was made: start again`)
  for (const name of names.sort()) files[name] = await sha256OfFile(join(folder, name))
  const manifest: Manifest = {
    stage: stage.name,
    key,
    options: stage.options,
    inputs: stage.inputs,
    files,
    seconds,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }
  await writeJson(join(folder, 'manifest.json'), manifest)
  return manifest
}

/**
 * The manifest of a stage that is only read, with every file as it was written.
 * @param remedy what makes the stage again
 * @returns undefined where there is no such folder
 * @throws DataError when the folder is damaged
 */
export async function wholeStage(folder: string, remedy: string): Promise<Manifest | undefined> {
  if (!(await isThere(folder))) return undefined
  const manifest = await readManifest(folder)
  const damaged = manifest ? await firstDamaged(folder, manifest) : 'manifest.json'
  if (damaged !== undefined) throw new DataError(`${join(folder, damaged)} is damaged or missing: ${remedy}`)
  return manifest
}

/** @throws DataError for one file of a stage that is not as it was written, and may be another one under its name */
export async function checkFile(folder: string, name: string, remedy: string): Promise<void> {
  const hash = (await readManifest(folder))?.files[name]
  if (hash === undefined || (await firstDamaged(folder, { files: { [name]: hash } })) !== undefined)
    throw new DataError(`${join(folder, name)} is damaged or missing: ${remedy}`)
}

/** The first file that is not as it was written. */
async function firstDamaged(folder: string, { files }: Pick<Manifest, 'files'>): Promise<string | undefined> {
  for (const [name, hash] of Object.entries(files)) {
    const path = join(folder, name)
    const found = await sha256OfFile(path).catch(error => refuseUnreadable(path, error))
    if (found !== hash) return name
  }
  return undefined
}

/** The manifest of a folder that holds just what the key asks for, every file as it was written. */
async function usable(folder: string, key: string): Promise<Manifest | undefined> {
  const manifest = await readManifest(folder)
  if (manifest?.key !== key || (await firstDamaged(folder, manifest)) !== undefined) return
  return manifest
}

function createReporter({ emit, signal }: StageContext, stage: string) {
  let earlier = 0
  const report: StageReporter = {
    progress(done, total, detail) {
      signal?.throwIfAborted()
      emit({ type: 'progress', stage, done, total, ...(detail !== undefined && { detail }) })
    },
    message: text => emit({ type: 'message', stage, text }),
    earlierSeconds(seconds) {
      earlier += seconds
    },
  }
  return { report, earlier: () => earlier }
}

/** Adds every event but progress to `events.jsonl`. */
export function logEvents(directory: string, emit: (event: RunEvent) => void): (event: RunEvent) => void {
  return event => {
    if (event.type !== 'progress') {
      const path = join(directory, 'events.jsonl')
      try {
        appendFileSync(path, `${JSON.stringify(event)}\n`)
      } catch (error) {
        throw cannotWrite(path, error)
      }
    }
    emit(event)
  }
}
