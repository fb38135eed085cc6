/** A file of data as it lies on disk. */
import { createHash } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError } from '../../errors.ts'
import { refuseUnreadable } from '../../files.ts'

export type Codec = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'brotli'

export interface DataFile {
  readonly path: string
  /** how messages call it */
  readonly label: string
  readonly bytes: number
  /** what it is compressed by, known by its first bytes */
  readonly codec: Codec
  /** a label that TextDecoder knows; found by a byte order mark or zero bytes, else utf-8 */
  readonly encoding: string
}

/** What the report says of a file. */
export interface FileRecord {
  path: string
  bytes: number
  /** hex, of the file as it lies on disk */
  sha256: string
}

/** A directory for what has to be unpacked, made when it is needed. */
export interface Scratch {
  directory(): Promise<string>
  dispose(): Promise<void>
}

export function createScratch(): Scratch {
  const made: string[] = []
  return {
    async directory() {
      made.push(await mkdtemp(join(tmpdir(), 'dualtree-')))
      return made.at(-1)!
    },
    async dispose() {
      for (const path of made.splice(0)) await rm(path, { recursive: true, force: true })
    },
  }
}

/** The first bytes of a file. @throws DataError when it cannot be read */
export async function readHead(path: string, label: string, length: number): Promise<Buffer> {
  try {
    const handle = await open(path)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (error) {
    refuseUnreadable(label, error)
    throw new DataError(`${label}: the file cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
  }
}

const records = new WeakMap<DataFile, FileRecord>()

/** Reads a file to its end, once for each time that it was found. */
export async function recordFile(file: DataFile, signal?: AbortSignal): Promise<FileRecord> {
  const known = records.get(file)
  if (known) return known
  const { path, bytes } = file
  const hash = createHash('sha256')
  for await (const chunk of readBytes(path, signal)) hash.update(chunk)
  const record = { path, bytes, sha256: hash.digest('hex') }
  records.set(file, record)
  return record
}

/** The bytes of a file, a megabyte at a time. */
export async function* readBytes(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const handle = await open(path)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(1 << 20))
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}
