/**
 * Who is at work in a directory. Each process that wants it writes a claim of its own, then looks at all claims: it has
 * the directory if no other claim is of a live process. Since every claim is there before its owner looks, two processes
 * can never both have it; they can both fail, and then try again.
 */
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { OutputError } from '../errors.ts'
import { cannotWrite } from '../files.ts'

/** `lock-<pid>-<start>.json`, and `lock.json` of earlier versions. */
const CLAIM = /^lock(-\d+-[^.]*)?\.json$/

/** How often two processes that came at the same moment try again, and for how long each waits between, at most. */
const TRIES = 20
const LONGEST_WAIT = 25

export function isClaim(name: string): boolean {
  return CLAIM.test(name) || /^lock-.*\.tmp$/.test(name)
}

export interface Lock {
  /** Lets the next process in. */
  release(): void
  /** Whether it is still there: somebody may have removed the directory. */
  isHeld(): boolean
}

/** @throws OutputError when another process is at work there, a claim cannot be read, or none can be written */
export async function acquireLock(directory: string): Promise<Lock> {
  const started = startOf(process.pid) ?? ''
  const own = `lock-${process.pid}-${started}.json`
  for (let attempt = 1; ; attempt++) {
    writeClaim(directory, own, JSON.stringify({ pid: process.pid, host: hostname(), started }))
    const release = () => rmSync(join(directory, own), { force: true })
    const holder = otherHolder(directory, own, release)
    if (!holder) return { release, isHeld: () => existsSync(join(directory, own)) }
    release()
    if (attempt === TRIES)
      throw new OutputError(
        `${directory} is in use by process ${holder.pid} on ${holder.host}: wait for it, or choose another --out`,
      )
    // processes have different numbers, and so different rhythms
    await new Promise(resolve => setTimeout(resolve, 1 + ((process.pid * attempt) % LONGEST_WAIT)))
  }
}

/** Whole from the first moment: written beside, then linked. */
function writeClaim(directory: string, name: string, text: string): void {
  const temporary = join(directory, `${name.replace(/\.json$/, '')}.tmp`)
  try {
    writeFileSync(temporary, text)
    linkSync(temporary, join(directory, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new OutputError(`${directory} is in use by this process: wait for it, or choose another directory`)
    throw cannotWrite(join(directory, name), error)
  } finally {
    rmSync(temporary, { force: true })
  }
}

interface Holder {
  readonly pid: number
  readonly host: string
  /** see `startOf`: another process may have the number of one that was killed */
  readonly started?: string
}

/** A live holder that is not this process; claims of dead ones are removed. */
function otherHolder(directory: string, own: string, release: () => void): Holder | undefined {
  for (const name of readdirSync(directory)) {
    if (!CLAIM.test(name) || name === own) continue
    const path = join(directory, name)
    let holder: Holder | undefined
    try {
      holder = readHolder(path)
    } catch (error) {
      release()
      throw error
    }
    if (holder && isAlive(holder)) return holder
    rmSync(path, { force: true })
  }
  return undefined
}

/** @returns undefined when the claim has just been taken back */
function readHolder(path: string): Holder | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(path, (error as Error).message)
  }
  let holder: Partial<Holder> | null
  try {
    holder = JSON.parse(text)
  } catch {
    throw unreadable(path, 'it is not JSON')
  }
  if (!Number.isInteger(holder?.pid) || holder!.pid! < 1 || typeof holder!.host !== 'string')
    throw unreadable(path, 'it does not name a process and its machine')
  return holder as Holder
}

function unreadable(path: string, why: string): OutputError {
  return new OutputError(`${path} cannot be read as a lock (${why}): if no dualtree is at work here, delete it`)
}

/** A process of another machine cannot be asked: it counts as alive. */
function isAlive({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true
  if (pid === process.pid) return false
  if (started !== undefined && startOf(pid) !== (started || undefined)) return false
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
