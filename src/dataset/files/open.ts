/** A file of data, ready to be read: stored where it is a pipe, unpacked where it has to be. */
import { createWriteStream } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DataError } from '../../errors.ts'
import { refuseUnreadable } from '../../files.ts'
import { listOf } from '../../numbers.ts'
import { archiveKind, codecOf, extract, isParquet, readContentHead, refuseForeign, unpacked } from './containers.ts'
import { type DataFile, readHead, type Scratch } from './disk.ts'
import { listData } from './names.ts'

interface OpenOptions {
  /** where an archive or a compressed Parquet file may be unpacked */
  readonly scratch?: Scratch | undefined
  readonly signal?: AbortSignal | undefined
  /** one of several: an empty one is no fault */
  readonly mayBeEmpty?: boolean
}

/** @throws DataError when the file cannot be read or is empty */
export async function openDataFile(path: string, label: string, options: OpenOptions = {}): Promise<DataFile> {
  const { scratch, signal, mayBeEmpty = false } = options
  const file = await openStored(path, label, scratch, signal, mayBeEmpty)
  return file.bytes === 0 ? file : prepared(file, scratch, signal)
}

/** The file itself; what is no regular file (a pipe) is stored first, since data is read more than once. */
export async function openStored(
  path: string,
  label: string,
  scratch?: Scratch,
  signal?: AbortSignal,
  mayBeEmpty = false,
): Promise<DataFile> {
  const stored =
    path === '-' || !(await stat(path).catch(() => undefined))?.isFile()
      ? await store(path, label, scratch, signal)
      : path
  const head = await readHead(stored, label, 16)
  const { size } = await stat(stored)
  if (size === 0 && !mayBeEmpty)
    throw new DataError(`${label}: the file is empty (0 bytes); give a file with interactions`)
  refuseForeign(head, label)
  const file = { path: stored, label, bytes: size, codec: codecOf(head, path), encoding: 'utf-8' }
  return size === 0 ? file : { ...file, encoding: encodingOf(await readContentHead(file, 1024)) }
}

async function store(path: string, label: string, scratch?: Scratch, signal?: AbortSignal): Promise<string> {
  if (path !== '-' || !scratch) {
    const entry = await stat(path).catch(async error => {
      refuseUnreadable(label, error)
      const isLink = await lstat(path).catch(() => undefined)
      const reason = isLink ? 'a link to a file that is not there; remove or mend it' : `the file cannot be read: ${error.code}` // biome-ignore format: one line
      throw new DataError(`${label}: ${reason}`, { cause: error })
    })
    if (entry.isDirectory() || !scratch) throw new DataError(`${label}: not a file; give a regular file`)
  }
  if (path === '-' && process.stdin.isTTY) throw new DataError('standard input is a terminal; pipe the data into it')
  const stored = join(await scratch!.directory(), 'piped')
  const source = path === '-' ? process.stdin : (await import('node:fs')).createReadStream(path)
  await pipeline(source, createWriteStream(stored), signal ? { signal } : {})
  return stored
}

/** Parquet is read out of order and so cannot stay compressed; an archive with one data file stands for that file. */
export async function prepared(file: DataFile, scratch?: Scratch, signal?: AbortSignal): Promise<DataFile> {
  const content = await readContentHead(file, 1024)
  const kind = archiveKind(content)
  refuseForeign(content, file.label)
  if (file.codec !== 'none' && codecOf(content, '') !== 'none')
    throw new DataError(`${file.label}: packed twice (${file.codec}, ${codecOf(content, '')}); unpack it once first`)
  if (!kind && (file.codec === 'none' || !isParquet(content))) return file
  if (!scratch) throw new DataError(`${file.label}: packed; unpack it first`)
  const directory = await scratch.directory()
  if (!kind) {
    const path = join(directory, 'unpacked')
    await pipeline(unpacked(file, signal), createWriteStream(path), signal ? { signal } : {})
    return { ...file, path, bytes: (await stat(path)).size, codec: 'none' }
  }
  await extract(file, kind, directory, signal)
  const names = await listData(directory)
  if (names.length !== 1)
    throw new DataError(
      `${file.label}: expected one data file in the archive, found ${listOf(names) || 'none'}; unpack it first`,
    )
  return openDataFile(join(directory, names[0]), `${file.label}/${names[0]}`, { scratch, signal })
}

function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  // letters and digits of UTF-16 are a byte and a zero
  const zeros = (offset: number) =>
    head.every((byte, at) => (at % 2 === offset ? byte === 0 : byte !== 0 && byte < 128))
  if (head.length < 4) return 'utf-8'
  return zeros(1) ? 'utf-16le' : zeros(0) ? 'utf-16be' : 'utf-8'
}
