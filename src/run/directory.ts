/** A run directory as a place: whose it is, and who is at work in it. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { OutputError, UsageError } from '../errors.ts'
import { cannotWrite, makeDirectory } from '../files.ts'

const LOCK = 'lock.json'

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
  const before = (await readdir(directory)).filter(name => name !== LOCK && name !== 'events.jsonl')
  if (!isRun && before.some(name => !name.startsWith('data.partial')))
    throw new OutputError(
      `${directory} holds other files (${before.slice(0, 3).join(', ')}) and is no run directory: choose a new or empty --out`,
    )
  const lock = join(directory, LOCK)
  takeLock(directory, lock)
  const release = () => rmSync(lock, { force: true })
  return {
    release,
    async undo() {
      if (isRun) return release()
      for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true, force: true })
      if (made !== undefined) await rm(made, { recursive: true, force: true })
    },
  }
}

function takeLock(directory: string, lock: string): void {
  for (;;) {
    try {
      const file = openSync(lock, 'wx')
      writeSync(file, JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) }))
      closeSync(file)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(lock, error)
    }
    const holder = readHolder(lock)
    if (holder && isAlive(holder))
      throw new OutputError(
        `${directory} is in use by process ${holder.pid} on ${holder.host}: wait for it, or choose another --out`,
      )
    rmSync(lock, { force: true })
  }
}

interface Holder {
  readonly pid: number
  readonly host: string
  /** see `startOf`: another process may have the number of one that was killed */
  readonly started?: string
}

/** undefined when a kill left half a lock, or none any more. */
function readHolder(lock: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8'))
  } catch {
    return undefined
  }
}

/** A process of another machine cannot be asked: it counts as alive. */
function isAlive({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true
  if (pid === process.pid) return false
  if (started !== undefined && startOf(pid) !== started) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process of this machine began, in ticks since boot; undefined when it has ended, or the system does not tell. */
function startOf(pid: number): string | undefined {
  try {
    // the name in parentheses may hold anything; state and start are the 1st and 20th words after it
    const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return words[0] === 'Z' ? undefined : words[19]
  } catch {
    return undefined
  }
}
