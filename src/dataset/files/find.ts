/** Which files a path means: one file, a glob, a directory or an archive, whole or in train, valid and test parts. */
import { createWriteStream } from 'node:fs'
import { glob, readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DataError } from '../../errors.ts'
import { refuseUnreadable, statOf } from '../../files.ts'
import { listOf } from '../../numbers.ts'
import { chooseFiles } from './choose.ts'
import { archiveKind, codecOf, extract, PACKED, readContentHead, refuseForeign, unpacked } from './containers.ts'
import { createScratch, type DataFile, readHead, type Scratch } from './disk.ts'

export type { DataFile } from './disk.ts'

export type Part = 'train' | 'valid' | 'test'

export type Found = {
  /** what messages call the data: the path */
  readonly label: string
  /** the files as they lie on disk: an archive rather than what is in it */
  readonly onDisk: readonly DataFile[]
  /** on which files of a folder were chosen */
  readonly note?: string
  /** removes what had to be unpacked */
  dispose(): Promise<void>
} & (
  | { readonly kind: 'whole'; readonly files: readonly DataFile[] }
  | { readonly kind: 'parts'; readonly parts: Readonly<Record<'train' | 'test', DataFile[]> & { valid?: DataFile[] }> }
)

/** The groups of files of a find: one, or train, (valid,) test. */
export function groupsOf(found: Found): DataFile[][] {
  if (found.kind === 'whole') return [[...found.files]]
  const { train, valid, test } = found.parts
  return valid ? [train, valid, test] : [train, test]
}

const PART_WORDS: Readonly<Record<string, Part>> = {
  ...{ train: 'train', training: 'train', base: 'train', trn: 'train' },
  ...{ valid: 'valid', validation: 'valid', val: 'valid', dev: 'valid', vad: 'valid' },
  ...{ test: 'test', testing: 'test', tst: 'test', te: 'test' },
}

/** Files of a folder that are looked into to choose among them. */
const MOST_CHOICES = 200

/** Endings of files that may hold interactions; others beside them (README.md, a licence) are not looked at. */
const DATA_FILE =
  /\.(txt|csv|tsv|psv|ssv|tab|json|jsonl|ndjson|parquet|pq|inter|dat|data|log|base|test|train|ratings?|edges)(\.(gz|gzip|bz2|zst|zstd|xz|br))?$|\.(zip|tar|tgz|tbz2|tar\.\w+)$|^part-[\w-]+(\.c\d+)?$/i

/** @throws DataError when there is nothing at `path`, or not what a data set needs */
export async function findData(path: string, signal?: AbortSignal): Promise<Found> {
  const scratch = createScratch()
  try {
    return { ...(await find(path, scratch, signal)), label: path, dispose: () => scratch.dispose() }
  } catch (error) {
    await scratch.dispose()
    throw error
  }
}

type Finding = Found extends infer F ? (F extends Found ? Omit<F, 'dispose' | 'label'> : never) : never

async function find(path: string, scratch: Scratch, signal?: AbortSignal): Promise<Finding> {
  const entry = path === '-' ? undefined : await statOf(path)
  if (entry?.isDirectory()) return findInDirectory(path, '', scratch, signal)
  if (entry || path === '-') {
    const file = await openStored(path, path === '-' ? 'standard input' : basename(path), scratch, signal)
    const content = await readContentHead(file, 1024)
    const kind = archiveKind(content)
    if (!kind) return { kind: 'whole', files: [await prepared(file, scratch, signal)], onDisk: [file] }
    const directory = await scratch.directory()
    await extract(file, kind, directory, signal)
    return { ...(await findInDirectory(directory, `${file.label}/`, scratch, signal)), onDisk: [file] }
  }
  const [, archive, inside] = /^(.*\.(?:zip|tar|tgz|tbz2|tar\.\w+))\/(.+)$/i.exec(path) ?? []
  if (archive && (await stat(archive).catch(() => undefined))?.isFile())
    return findInArchive(archive, inside, scratch, signal)
  if (!/[*?[{]/.test(path))
    throw new DataError(`${path}: there is no such file or directory; give a file, a directory or a glob`)
  const paths: string[] = []
  for await (const match of glob(path))
    if (!isHidden(basename(match)) && (await stat(match)).isFile()) paths.push(match)
  if (paths.length === 0) throw new DataError(`${path}: no file matches this glob; check the directory and the pattern`)
  return whole(
    paths.sort().map(match => [match, match] as const),
    scratch,
    signal,
  )
}

/** One file of an archive, by its path there. */
async function findInArchive(path: string, inside: string, scratch: Scratch, signal?: AbortSignal): Promise<Finding> {
  const file = await openStored(path, basename(path), scratch, signal)
  const kind = archiveKind(await readContentHead(file, 1024))
  if (!kind) throw new DataError(`${path}: no archive that a file could be taken out of; give the path of a file`)
  const directory = await scratch.directory()
  await extract(file, kind, directory, signal)
  const names = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => relative(directory, join(entry.parentPath, entry.name)))
  const wanted = names.find(name => name === inside) ?? names.find(name => basename(name) === inside)
  if (wanted === undefined)
    throw new DataError(`${path}: there is no file "${inside}" in it; it holds ${names.slice(0, 20).join(', ')}`)
  const label = `${file.label}/${wanted}`
  return {
    kind: 'whole',
    files: [await openDataFile(join(directory, wanted), label, { scratch, signal })],
    onDisk: [file],
  }
}

async function whole(
  named: readonly (readonly [path: string, label: string])[],
  scratch: Scratch,
  signal?: AbortSignal,
): Promise<Finding> {
  const files: DataFile[] = []
  for (const [path, label] of named)
    files.push(await openDataFile(path, label, { scratch, signal, mayBeEmpty: named.length > 1 }))
  return { kind: 'whole', files, onDisk: files }
}

/** Names that Spark, Hadoop, macOS and editors leave beside the data, and what people say about it. */
function isHidden(name: string): boolean {
  return /^[._]|\.crc$|~$|^(readme|licen[cs]e|citation|notice|changelog|about)\b/i.test(name)
}

/** Paths below a directory, with `/`; folders in folders are looked into only where there is no file above them. */
async function listData(directory: string, depth = 0): Promise<string[]> {
  const found = await readdir(directory, { withFileTypes: true }).catch(error => {
    refuseUnreadable(directory, error)
    throw error
  })
  const entries = found.filter(({ name }) => !isHidden(name))
  const names = entries.filter(entry => !entry.isDirectory() && DATA_FILE.test(entry.name)).map(({ name }) => name)
  const folders = entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
  const entered = names.length === 0 ? folders : folders.filter(isPartName)
  for (const folder of depth < 4 ? entered : [])
    for (const inner of await listData(join(directory, folder), depth + 1)) names.push(`${folder}/${inner}`)
  return names.sort()
}

function isPartName(name: string): boolean {
  return name.toLowerCase() in PART_WORDS
}

/** The part that a path names: `train.csv`, `ml.train.inter`, `train/part-0.csv`, `u1.base`; the first such word counts. */
function partOf(path: string): Part | undefined {
  const words = path.toLowerCase().split(/[/._-]+/)
  return words.map(word => PART_WORDS[word]).find(part => part !== undefined)
}

/** Equal for the shards of one table: digits, the random parts of names and how each is packed do not count. */
function shardName(path: string): string {
  return path
    .toLowerCase()
    .replace(PACKED, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{20,}/g, '#')
    .replace(/\d+/g, '#')
}

/** @throws DataError for u1.base, u1.test, u2.base, u2.test: what one tests on, the others train on */
function refuseFolds(names: readonly string[], label: string): void {
  const foldOf = (name: string) => /^(.*?\d.*?)[/._-]*\b_?(train|training|base|test)(?![a-z])/i.exec(name)
  const folds = Object.groupBy(names.filter(foldOf), name => foldOf(name)![1].toLowerCase())
  const complete = Object.values(folds).filter(fold => new Set(fold?.map(partOf)).size > 1)
  if (complete.length < 2) return
  throw new DataError(
    `${label}: ${listOf(
      complete.flatMap(fold => fold ?? []),
      4,
    )} look like folds of a cross-validation, of which each trains on what others test on; put the files of one into a directory of its own`,
  )
}

/** @throws DataError for the directory of a run, whose `events.jsonl` is no data */
async function refuseRun(directory: string, prefix: string): Promise<void> {
  if (prefix) return
  const text = await readFile(join(directory, 'options.json'), 'utf8').catch(() => '')
  if (!/"source"\s*:/.test(text) || !/"plan"\s*:/.test(text)) return
  throw new DataError(
    `${directory}: a run directory, no data: go on with it by "dualtree evaluate ${directory}"; for another run give its data, or what it has read and split, ${join(directory, 'data')}`,
  )
}

async function findInDirectory(
  directory: string,
  prefix: string,
  scratch: Scratch,
  signal?: AbortSignal,
): Promise<Finding> {
  await refuseRun(directory, prefix)
  const names = await listData(directory)
  const listed = names.length ? `it holds ${listOf(names)}` : 'it holds no data file'
  const label = prefix ? prefix.slice(0, -1) : directory
  const named = names.map(name => [join(directory, name), prefix + name] as const)
  const areShards = (paths: readonly string[]) => new Set(paths.map(shardName)).size === 1
  const byPart: Partial<Record<Part, string[]>> = Object.groupBy(names.filter(partOf), name => partOf(name)!)
  refuseFolds(names, label)
  const notes: string[] = []
  for (const [part, [first, ...others]] of Object.entries(byPart) as [Part, string[]][]) {
    const other = others.find(name => !areShards([first, name]))
    if (!other) continue
    // beside test.csv there may be test_items.csv
    const own = named.filter(([, named]) => byPart[part]!.some(name => prefix + name === named))
    const choice = others.length < MOST_CHOICES ? await chooseFiles((await whole(own, scratch, signal)).onDisk) : undefined // biome-ignore format: one line
    const chosen = byPart[part]!.filter(name => choice?.files?.some(file => file.label === prefix + name))
    if (!choice?.files || !areShards(chosen))
      throw new DataError(`${label}: both ${first} and ${other} could be the ${part} part; keep one of them`)
    byPart[part] = chosen
    notes.push(choice.note)
  }
  const partitions = names.flatMap(name => [...name.matchAll(/(?:^|\/)([^/=]+=[^/]+)(?=\/)/g)].map(([, folder]) => folder)) // biome-ignore format: one line
  if (partitions.length > 0) notes.push(`The names of folders, such as ${partitions[0]}, are not read as a column.`)
  const note = notes.join(' ')
  const { train, valid, test } = byPart
  const wholePart = (paths: string[]) =>
    whole(
      paths.map(name => [join(directory, name), prefix + name] as const),
      scratch,
      signal,
    )
  if (train && test) {
    const opened = async (paths: string[]) => [...(await wholePart(paths)).onDisk]
    const parts = { train: await opened(train), ...(valid && { valid: await opened(valid) }), test: await opened(test) }
    return {
      kind: 'parts',
      parts,
      onDisk: [...parts.train, ...(parts.valid ?? []), ...parts.test],
      ...(note && { note }),
    }
  }
  // train alone is what there is: a table to be split
  if (train && !valid) return { ...(await wholePart(train)), ...(note && { note }) }
  if (train || valid || test)
    throw new DataError(
      `${label}: there is no ${train ? 'test' : 'train'} file; ${listed}; add one, or give a single file to be split`,
    )
  if (names.length === 1 || (names.length > 1 && areShards(names)))
    return { ...(await whole(named, scratch, signal)), ...(note && { note }) }
  if (names.length === 0 && prefix) {
    const inside = await readdir(directory)
    if (inside.includes('xl')) throw new DataError(`${label}: an Excel workbook; save the sheet as CSV`)
    if (inside.some(name => name.endsWith('.npy')))
      throw new DataError(`${label}: a NumPy archive; save it as text (numpy.savetxt) or Parquet`)
  }
  const opened = names.length > 1 && names.length <= MOST_CHOICES ? (await whole(named, scratch, signal)).onDisk : []
  const choice = opened.length > 0 ? await chooseFiles(opened) : { hint: '' }
  if (choice.files) return { kind: 'whole', files: choice.files, onDisk: choice.files, note: choice.note }
  const ending = names[0] && /\.[a-z]\w*(\.\w+)?$/i.exec(names[0])?.[0]
  throw new DataError(
    `${label}: expected train, valid and test files, or one data file; ${listed}; ${choice.hint && `${choice.hint}; `}give one file, ${prefix ? `such as "${join(label, names[0] ?? 'ratings.csv')}"` : `or a glob such as "${join(label, `*${ending ?? '.csv'}`)}"`}`,
  )
}

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
async function openStored(
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
    const entry = await stat(path).catch(error => {
      refuseUnreadable(label, error)
      const reason = error.code === 'ENOENT' ? 'a link to a file that is not there; remove or mend it' : `the file cannot be read: ${error.code}` // biome-ignore format: one line
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
async function prepared(file: DataFile, scratch?: Scratch, signal?: AbortSignal): Promise<DataFile> {
  const content = await readContentHead(file, 1024)
  const kind = archiveKind(content)
  const isParquet = content.subarray(0, 4).toString('latin1') === 'PAR1'
  refuseForeign(content, file.label)
  if (!kind && (file.codec === 'none' || !isParquet)) return file
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
