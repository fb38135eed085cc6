/** A run directory as a place: what it remembers, whose it is, and who is at work in it. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, OutputError, UsageError } from '../errors.ts'
import { findJson, makeDirectory, writeJson } from '../files.ts'
import { acquireLock, isClaim } from './lock.ts'
import type { RunPlan } from './options/plan.ts'

/** The content of `options.json`. */
export interface KeptOptions {
  /** the data, as given */
  readonly source: string
  /** flat, as given */
  readonly given: Readonly<Record<string, unknown>>
  /** with every default */
  readonly plan: RunPlan
}

export function keepOptions(directory: string, kept: KeptOptions): Promise<void> {
  return writeJson(join(directory, 'options.json'), kept)
}

/**
 * What a run directory remembers; undefined when it has no options.
 * @throws DataError when they are damaged
 */
export async function findOptions(directory: string): Promise<KeptOptions | undefined> {
  const path = join(directory, 'options.json')
  const remedy = `start the run again with "dualtree run DATA --out ${directory}"`
  const kept = await findJson<KeptOptions>(path, remedy)
  if (kept === undefined) return
  const lacking = (['source', 'given', 'plan'] as const).find(key => !kept?.[key])
  if (lacking) throw new DataError(`cannot read ${path} (it has no "${lacking}"): ${remedy}`)
  return kept
}

/**
 * What a run directory remembers.
 * @param command that starts one
 * @throws UsageError when it has no options, DataError when they are damaged
 */
export async function readOptions(directory: string, command = 'run'): Promise<KeptOptions> {
  const kept = await findOptions(directory)
  if (kept) return kept
  throw new UsageError(
    `${directory} is not a run directory (it has no options.json): start one with "dualtree ${command} DATA --out ${directory}"`,
  )
}

export interface OpenDirectory {
  /** Lets the next process in. */
  release(): void
  /**
   * Call before each step: nothing more may be written where the directory was taken away.
   * @throws OutputError when it was
   */
  check(): void
  /** Takes away all that was written since, if nothing was there before. */
  undo(): Promise<void>
}

/**
 * Makes the directory, or takes an empty one or one of an earlier run, for this process alone.
 * @param isRun whether an earlier run has left its options there
 * @throws OutputError when it holds other files, cannot be written, or another process is at work in it
 */
export async function openDirectory(directory: string, isRun: boolean): Promise<OpenDirectory> {
  if (directory === '') throw new UsageError('--out "": expected the path of a directory')
  const made = await makeDirectory(directory)
  const before = (await readdir(directory)).filter(name => !isClaim(name))
  if (!isRun && before.length > 0 && !before.some(isOfRun))
    throw new OutputError(
      `${directory} holds other files (${before.slice(0, 3).join(', ')}) and is not a run directory: choose a new or empty --out`,
    )
  const lock = await acquireLock(directory)
  let released = false
  const release = () => {
    released = true
    lock.release()
  }
  return {
    release,
    check() {
      if (released || lock.isHeld()) return
      // what a write has made again since is no run
      if (!readNames(directory).some(name => isClaim(name) || name === 'options.json'))
        rmSync(directory, { recursive: true, force: true })
      throw new OutputError(
        `${directory} was removed while this run was at work there: start the same command again, and it starts over`,
      )
    },
    async undo() {
      release()
      if (isRun || !before.every(isOfRun)) return
      for (const name of readNames(directory)) await rm(join(directory, name), { recursive: true, force: true })
      if (made !== undefined) await rm(made, { recursive: true, force: true })
    },
  }
}

function readNames(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}

/** What every run writes first: a run that was stopped early, or has lost its options, is one all the same. */
function isOfRun(name: string): boolean {
  return name === 'events.jsonl' || name.startsWith('data.partial')
}
