/** Writing so that a reader, or a run killed half-way, never meets half a file. */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, existsSync, type Stats } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, resolve, sep } from 'node:path'
import { DataError, messageOf, OutputError } from './errors.ts'

/** Names of what this process has written to folders that it makes now. */
const written = new Map<string, Set<string>>()

/** From now on the names of what is written to a folder are remembered. */
export function rememberWrites(folder: string): void {
  written.set(resolve(folder), new Set())
}

/** The names since then, which are forgotten. */
export function recallWrites(folder: string): ReadonlySet<string> {
  const names = written.get(resolve(folder)) ?? new Set()
  written.delete(resolve(folder))
  return names
}

/** For writers of files: `path` is written. */
export function noteWritten(path: string): void {
  written.get(resolve(dirname(path)))?.add(basename(path))
}

/**
 * Writes beside `path`, flushes, and renames over it.
 * @param content as a whole, or in pieces
 * @throws OutputError naming the path and the system's reason (no space, no permission)
 */
export function writeAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): Promise<void> {
  return replaceFile(path, async file => {
    for (const piece of Array.isArray(content) ? content : [content]) await file.writeFile(piece)
    await file.sync()
  })
}

/**
 * Makes a file beside `path` and renames it over that.
 * @throws OutputError naming the path and the system's reason
 */
export async function replaceFile(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await makeDirectory(dirname(path))
    const file = await open(temporary, 'w')
    await fill(file).finally(() => file.close())
    await rename(temporary, path)
    noteWritten(path)
  } catch (error) {
    // what was wrong with the first write is what matters
    await rm(temporary, { force: true }).catch(() => {})
    throw error instanceof OutputError ? error : cannotWrite(path, error)
  }
}

/** A whole file, of any size: Node's own way ends at 2 GiB. */
export async function readWhole(path: string, chunk = 2 ** 30): Promise<Buffer<ArrayBuffer>> {
  const file = await open(path)
  try {
    const bytes = Buffer.allocUnsafeSlow((await file.stat()).size)
    let at = 0
    while (at < bytes.length) {
      const { bytesRead } = await file.read(bytes, at, Math.min(chunk, bytes.length - at), at)
      if (bytesRead === 0) break
      at += bytesRead
    }
    return bytes.subarray(0, at)
  } finally {
    await file.close()
  }
}

/**
 * Makes a directory and those above it, one by one: on some file systems Node's recursive way never ends.
 * @returns the uppermost that was made, undefined when it was there
 * @throws OutputError naming the path and the system's reason
 */
export async function makeDirectory(path: string): Promise<string | undefined> {
  const missing: string[] = []
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at)
  const made: string[] = []
  try {
    for (const directory of missing) {
      // another process may just have made it
      await mkdir(directory).then(
        () => made.push(directory),
        error => error.code === 'EEXIST' || Promise.reject(error),
      )
    }
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' })
  } catch (error) {
    // a path that cannot be made leaves no half of it
    for (const directory of made.reverse()) await rmdir(directory).catch(() => {})
    throw cannotWrite(path, error)
  }
  return made[0]
}

export function cannotWrite(path: string, error: unknown): OutputError {
  const remedies: Record<string, string> = {
    ENOSPC: 'the disk is full: free some space and start the same command again, and it resumes',
    EACCES: 'it is not writable: choose another --out',
    EPERM: 'it is not writable: choose another --out',
    ENOENT: 'that place takes no files: choose another --out',
    EROFS: 'the file system is read-only: choose another --out',
    ENOTDIR: 'a part of that path is a file: choose another --out',
    EEXIST: 'a part of that path is a file: choose another --out',
    ENAMETOOLONG: 'the path is too long for this file system: choose a shorter --out',
  }
  // DuckDB has the system's words, but not its codes
  const { code = codeOfWords(messageOf(error)) } = error as NodeJS.ErrnoException
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path
  return new OutputError(`cannot write ${shown}: ${remedies[code] ?? messageOf(error).split('\n')[0]}`, {
    cause: error,
  })
}

function codeOfWords(message: string): string {
  const words: [RegExp, string][] = [
    [/no space left/i, 'ENOSPC'],
    [/permission denied/i, 'EACCES'],
    [/read-only/i, 'EROFS'],
    [/not a directory/i, 'ENOTDIR'],
    [/no such file/i, 'ENOENT'],
  ]
  return words.find(([pattern]) => pattern.test(message))?.[1] ?? ''
}

const UNREADABLE: Readonly<Record<string, string>> = {
  EACCES: 'no permission; make it readable for the user who runs this',
  EPERM: 'no permission; make it readable for the user who runs this',
  ELOOP: 'its links lead in a circle; give the file itself',
  EISDIR: 'it is a directory; give the file itself',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine; close some',
  EIO: 'the disk reports an error; copy the file to another one',
}

/**
 * For a file that is there, and must neither be called missing nor be made again.
 * @throws DataError when the system's reason is one of those; else it returns
 */
export function refuseUnreadable(path: string, error: unknown): void {
  const why = UNREADABLE[(error as NodeJS.ErrnoException).code ?? '']
  if (why !== undefined) throw new DataError(`${path} cannot be read: ${why}`, { cause: error })
}

/**
 * For steps that read what this process has found or made: where a file of the directory is gone, somebody is removing it.
 * @returns an OutputError in place of the system's words for that; any other error as it is
 */
export function explainRemoved(directory: string, error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException
  if (code !== 'ENOENT' || !path || !resolve(path).startsWith(`${resolve(directory)}${sep}`)) return error
  return new OutputError(`${path} was removed while it was needed: start the same command again`, { cause: error })
}

/** Whether something is there. @throws DataError when the system does not let us know */
export async function isThere(path: string): Promise<boolean> {
  return (await statOf(path)) !== undefined
}

/** @returns undefined when nothing is there. @throws DataError when the system does not let us know */
export async function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(error => {
    refuseUnreadable(path, error)
    return undefined
  })
}

/** Writes readable JSON, as `writeAtomic` does. */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`)
}

/**
 * The content of a JSON file; undefined when there is none.
 * @param remedy what to do about a file that cannot be used
 * @throws DataError in one line: path, reason, remedy
 */
export async function findJson<T>(path: string, remedy: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    refuseUnreadable(path, error)
    throw new DataError(`cannot read ${path} (${messageOf(error).split('\n')[0]}): ${remedy}`, { cause: error })
  }
}

/** The same of a file that must be there. */
export async function readJson<T>(path: string, remedy: string): Promise<T> {
  const value = await findJson<T>(path, remedy)
  if (value === undefined) throw new DataError(`${path} is missing: ${remedy}`)
  return value
}

/** SHA-256 of a string or bytes, in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** SHA-256 of a file's bytes, in hex, read as a stream. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

/** The same of a file that a flag names. @throws DataError that says so where it cannot be read */
export function sha256OfGiven(path: string, flag: string): Promise<string> {
  return sha256OfFile(path).catch(cause => {
    throw new DataError(`${path}: cannot be read: ${cause.message}; check ${flag}`, { cause })
  })
}
