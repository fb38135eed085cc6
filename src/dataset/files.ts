/** Which files a path means: one file, a glob, or a directory with train, valid and test files. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { glob, open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { DataError } from '../errors.ts'

export interface DataFile {
  readonly path: string
  /** how messages call it */
  readonly label: string
  readonly bytes: number
  /** compressed by gzip, by its first bytes */
  readonly gzip: boolean
}

/** What the report says of a file. */
export interface FileRecord {
  path: string
  bytes: number
  /** hex, of the file as it lies on disk */
  sha256: string
}

export type Found =
  | { kind: 'whole'; files: readonly DataFile[] }
  | { kind: 'parts'; train: DataFile; valid?: DataFile; test: DataFile }

/** All files of a find: train, valid, test in this order when they are parts. */
export function filesOf(found: Found): readonly DataFile[] {
  if (found.kind === 'whole') return found.files
  return [found.train, ...(found.valid ? [found.valid] : []), found.test]
}

const PARTS: Record<string, 'train' | 'valid' | 'test'> = {
  train: 'train',
  training: 'train',
  valid: 'valid',
  validation: 'valid',
  val: 'valid',
  dev: 'valid',
  test: 'test',
}

/** Endings of files that may hold interactions; others beside them (README.md, a licence) are not looked at. */
const DATA_FILE = /\.(txt|csv|tsv|tab|jsonl|ndjson|parquet|pq|inter|dat|data)(\.gz)?$/i

/**
 * @throws DataError when there is nothing at `path`, or not what a data set needs
 */
export async function findData(path: string): Promise<Found> {
  const entry = await stat(path).catch(() => undefined)
  if (entry?.isDirectory()) return findInDirectory(path)
  if (entry) return { kind: 'whole', files: [await openDataFile(path, basename(path))] }
  if (!/[*?[{]/.test(path))
    throw new DataError(`${path}: there is no such file or directory; give a file, a directory or a glob`)
  const paths: string[] = []
  for await (const match of glob(path)) paths.push(match)
  paths.sort()
  if (paths.length === 0) throw new DataError(`${path}: no file matches this glob; check the directory and the pattern`)
  return { kind: 'whole', files: await Promise.all(paths.map(match => openDataFile(match, match))) }
}

async function findInDirectory(directory: string): Promise<Found> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter(entry => !entry.isDirectory() && DATA_FILE.test(entry.name)).map(entry => entry.name)
  names.sort()
  const listed = names.length ? `it holds ${names.join(', ')}` : 'it holds no data file'
  const byPart: Partial<Record<'train' | 'valid' | 'test', string>> = {}
  for (const name of names) {
    const part = PARTS[name.slice(0, name.indexOf('.')).toLowerCase()]
    if (!part) continue
    if (byPart[part])
      throw new DataError(`${directory}: both ${byPart[part]} and ${name} could be the ${part} part; keep one of them`)
    byPart[part] = name
  }
  const openHere = (name: string) => openDataFile(join(directory, name), name)
  const { train, valid, test } = byPart
  if (train && test) {
    const [trainFile, testFile] = await Promise.all([openHere(train), openHere(test)])
    return { kind: 'parts', train: trainFile, test: testFile, ...(valid && { valid: await openHere(valid) }) }
  }
  if (train || valid || test)
    throw new DataError(
      `${directory}: there is no ${train ? 'test' : 'train'} file; ${listed}; add one, or give a single file to be split`,
    )
  if (names.length === 1) return { kind: 'whole', files: [await openHere(names[0])] }
  throw new DataError(
    `${directory}: expected train, valid and test files, or one data file; ${listed}; give one file, or a glob such as "${join(directory, '*.parquet')}"`,
  )
}

/** @throws DataError when the file cannot be read or is empty */
export async function openDataFile(path: string, label: string): Promise<DataFile> {
  const head = await readHead(path, label, 2)
  const { size } = await stat(path)
  if (size === 0) throw new DataError(`${label}: the file is empty (0 bytes); give a file with interactions`)
  return { path, label, bytes: size, gzip: head[0] === 0x1f && head[1] === 0x8b }
}

/** The first bytes of a file as it lies on disk. */
async function readHead(path: string, label: string, length: number): Promise<Buffer> {
  try {
    const handle = await open(path)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new DataError(`${label}: the file cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
  }
}

const SNIFFED_BYTES = 1 << 18

/** The beginning of a file's content, unpacked. */
export async function readContentHead({ path, label, gzip }: DataFile): Promise<{ head: Buffer; complete: boolean }> {
  const raw = await readHead(path, label, SNIFFED_BYTES)
  if (!gzip) return { head: raw, complete: raw.length < SNIFFED_BYTES }
  try {
    // a part of a gzip file ends in the middle of a block
    const head = gunzipSync(raw, { finishFlush: constants.Z_SYNC_FLUSH })
    return { head, complete: raw.length < SNIFFED_BYTES }
  } catch (error) {
    throw new DataError(`${label}: damaged gzip data: ${(error as Error).message}; compress the file again`, {
      cause: error,
    })
  }
}

export async function recordFile({ path, bytes }: DataFile, signal?: AbortSignal): Promise<FileRecord> {
  const hash = createHash('sha256')
  for await (const chunk of readBytes(path, signal)) hash.update(chunk)
  return { path, bytes, sha256: hash.digest('hex') }
}

/** The bytes of a file, a megabyte at a time; an abort throws its own reason, not that of the stream. */
export async function* readBytes(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted()
    yield chunk
  }
}
