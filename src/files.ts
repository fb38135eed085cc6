/** Writing so that a reader, or a run killed half-way, never meets half a file. */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, OutputError } from './errors.ts'

/**
 * Writes beside `path`, flushes, and renames over it.
 * @throws OutputError naming the path and the system's reason (no space, no permission)
 */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    // what was wrong with the first write is what matters
    await rm(temporary, { force: true }).catch(() => {})
    throw cannotWrite(path, error)
  }
}

/**
 * Makes a directory and those above it.
 * @returns the uppermost that was made, undefined when it was there
 * @throws OutputError naming the path and the system's reason
 */
export async function makeDirectory(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true })
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

export function cannotWrite(path: string, error: unknown): OutputError {
  const remedies: Record<string, string> = {
    ENOSPC: 'the disk is full: free some space and start the same command again, it goes on from here',
    EACCES: 'it is not writable: choose another --out',
    EPERM: 'it is not writable: choose another --out',
    EROFS: 'the file system is read-only: choose another --out',
    ENOTDIR: 'a part of that path is a file: choose another --out',
    EEXIST: 'a part of that path is a file: choose another --out',
  }
  // DuckDB has the system's words, but not its codes
  const { code = /no space left/i.test(messageOf(error)) ? 'ENOSPC' : '' } = error as NodeJS.ErrnoException
  return new OutputError(`cannot write ${path}: ${remedies[code] ?? messageOf(error).split('\n')[0]}`, { cause: error })
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
