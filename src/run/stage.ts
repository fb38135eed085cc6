/**
 * A stage: a folder of a run directory, made in one go from inputs and options. Its `manifest.json`, written last, holds
 * the key (hash of inputs and options) and the hash of every file; a stage whose key and files match is reused, anything
 * else is made again. So a run can be killed at any moment.
 *
 * What a stage computed is always read back from its files, also where it was in memory a moment ago: a stage that is
 * reused and one that was just made then give what comes after the same, to the bit.
 */
import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { cannotWrite, sha256, writeJson } from '../files.ts'
import type { MergedRows, ShardedRows, Sharding } from './sharding.ts'
import {
  finishReplacing,
  hashOfFiles,
  type Manifest,
  prepareFolder,
  readManifest,
  replaceFolder,
  stageFolder,
  usable,
  writeManifest,
} from './stage-folder.ts'
import { copyStage, storedStage } from './store.ts'

/** What a run tells whoever watches: the CLI draws it, `events.jsonl` keeps it (but for progress). */
export type RunEvent =
  | { type: 'stage-start'; stage: string; title: string }
  | { type: 'progress'; stage: string; done: number; total: number; detail?: string }
  | { type: 'message'; stage: string; text: string }
  | { type: 'stage-end'; stage: string; seconds: number; peakBytes: number; reused: boolean }

/** What stops long work, and what is told of it. */
export interface Watch {
  readonly signal?: AbortSignal
  readonly emit?: (event: RunEvent) => void
}

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
  /** whether its memory is most of the run's: garbage is collected thoroughly before it */
  readonly large?: boolean
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

/** A stage whose result is one JSON document, in `file` of its folder. */
export function runJsonStage<T>(
  context: StageContext,
  {
    file,
    make,
    ...stage
  }: Omit<Stage<T>, 'compute' | 'load'> & { readonly file: string; make(report: StageReporter): T | Promise<T> },
): Promise<StageResult<T>> {
  return runStage(context, {
    ...stage,
    compute: async (folder, report) => writeJson(join(folder, file), await make(report)),
    load: async folder => JSON.parse(await readFile(join(folder, file), 'utf8')),
  })
}

/** Of a stage that was not made, and whose result nobody looks at. */
export const NOT_MADE: StageResult<never> = {
  value: undefined as never,
  hash: '',
  manifest: { stage: '', key: '', options: {}, inputs: {}, files: {}, seconds: 0, peakBytes: 0 },
}

/**
 * Where `globalThis.gc` is set: frees what a stage needed before its files are read back and the next stage begins.
 * @param thorough also what the engine keeps for later, such as code; takes 40 ms
 */
const collectGarbage = (thorough = false) =>
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: thorough ? 'last-resort' : 'regular' })

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
    collectGarbage(stage.large)
    await stage.compute(partial, report, key, merged)
    const made = { stage: name, key, options: stage.options, inputs: stage.inputs }
    manifest = await writeManifest(partial, made, earlier() + (performance.now() - start) / 1000)
    await replaceFolder(folder, partial)
    collectGarbage()
  }
  if (kept && (!reused || !(await readManifest(kept)))) await copyStage(folder, kept)
  const value = await stage.load(folder)
  const { seconds, peakBytes } = manifest
  emit({ type: 'stage-end', stage: name, seconds, peakBytes, reused })
  return { value, hash: hashOfFiles(manifest.files), manifest }
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
