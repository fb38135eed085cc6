/** A run directory as a place: whose it is, and who is at work in it. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OutputError, UsageError } from '../errors.ts'
import { makeDirectory } from '../files.ts'
import { acquireLock, isClaim } from './lock.ts'

export interface OpenDirectory {
  /** Lets the next process in. */
  release(): void
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
      `${directory} holds other files (${before.slice(0, 3).join(', ')}) and is no run directory: choose a new or empty --out`,
    )
  const release = await acquireLock(directory)
  return {
    release,
    async undo() {
      if (isRun || !before.every(isOfRun)) return release()
      for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true, force: true })
      if (made !== undefined) await rm(made, { recursive: true, force: true })
    },
  }
}

/** What every run writes first: a run that was stopped early, or has lost its options, is one all the same. */
function isOfRun(name: string): boolean {
  return name === 'events.jsonl' || name.startsWith('data.partial')
}
