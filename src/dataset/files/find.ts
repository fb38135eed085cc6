/** Which files a path means: one file, a glob, a directory or an archive, whole or in train, valid and test parts. */
import { glob, readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { DataError } from '../../errors.ts'
import { statOf } from '../../files.ts'
import { listOf } from '../../numbers.ts'
import { chooseFiles } from './choose.ts'
import { archiveKind, extract, readContentHead } from './containers.ts'
import { createScratch, type DataFile, recordFile, type Scratch } from './disk.ts'
import { isHidden, listData, type Part, partOf, refuseFolds, shardName } from './names.ts'
import { openDataFile, openStored, prepared } from './open.ts'

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

/** Files of a folder that are looked into to choose among them. */
const MOST_CHOICES = 200

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
    if (!isHidden(basename(match)) && !(await stat(match).catch(() => undefined))?.isDirectory()) paths.push(match)
  if (paths.length === 0) throw new DataError(`${path}: no file matches this glob; check the directory and the pattern`)
  const named = paths.sort().map(match => [match, match] as const)
  return whole(named, scratch, signal)
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
  const open = (some: readonly string[]) => {
    const named = some.map(name => [join(directory, name), prefix + name] as const)
    return whole(named, scratch, signal)
  }
  const areShards = (paths: readonly string[]) => new Set(paths.map(shardName)).size === 1
  const byPart: Partial<Record<Part, string[]>> = Object.groupBy(names.filter(partOf), name => partOf(name)!)
  refuseFolds(names, label)
  const notes: string[] = []
  for (const [part, [first, ...others]] of Object.entries(byPart) as [Part, string[]][]) {
    const other = others.find(name => !areShards([first, name]))
    if (!other) continue
    // beside test.csv there may be test_items.csv
    const choice = others.length < MOST_CHOICES ? await chooseFiles((await open(byPart[part]!)).onDisk) : undefined
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
  if (train && test) {
    const opened = async (paths: string[]) => [...(await open(paths)).onDisk]
    const parts = { train: await opened(train), ...(valid && { valid: await opened(valid) }), test: await opened(test) }
    return {
      kind: 'parts',
      parts,
      onDisk: [...parts.train, ...(parts.valid ?? []), ...parts.test],
      ...(note && { note }),
    }
  }
  // train alone is what there is: a table to be split
  if (train && !valid) return { ...(await open(train)), ...(note && { note }) }
  if (train || valid || test)
    throw new DataError(
      `${label}: there is no ${train ? 'test' : 'train'} file; ${listed}; add one, or give a single file to be split`,
    )
  if (names.length === 1 || (names.length > 1 && areShards(names)))
    return { ...(await open(names)), ...(note && { note }) }
  if (names.length === 0 && prefix) {
    const inside = await readdir(directory)
    if (inside.includes('xl')) throw new DataError(`${label}: an Excel workbook; save the sheet as CSV`)
    if (inside.includes('content.xml')) throw new DataError(`${label}: an OpenDocument file; save the sheet as CSV`)
    if (inside.some(name => name.endsWith('.npy')))
      throw new DataError(`${label}: a NumPy archive; save it as text (numpy.savetxt) or Parquet`)
  }
  const opened = names.length > 1 && names.length <= MOST_CHOICES ? (await open(names)).onDisk : []
  const choice = opened.length > 0 ? await chooseFiles(opened) : { hint: '' }
  if (choice.files)
    return {
      kind: 'whole',
      files: choice.files,
      onDisk: choice.files,
      note: [note, choice.note].filter(Boolean).join(' '),
    }
  const ending = names[0] && /\.[a-z]\w*(\.\w+)?$/i.exec(names[0])?.[0]
  throw new DataError(
    `${label}: expected train, valid and test files, or one data file; ${listed}; ${choice.hint && `${choice.hint}; `}give one file, ${prefix ? `such as "${join(label, names[0] ?? 'ratings.csv')}"` : `or a glob such as "${join(label, `*${ending ?? '.csv'}`)}"`}`,
  )
}

/** SHA-256 of each file that `path` means, by its label. @throws DataError as `loadSplit` does */
export async function hashData(path: string, signal?: AbortSignal): Promise<Record<string, string>> {
  const found = await findData(path, signal)
  try {
    return await hashFound(found, signal)
  } finally {
    await found.dispose()
  }
}

export async function hashFound({ onDisk }: Found, signal?: AbortSignal): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const file of onDisk) hashes[file.label] = (await recordFile(file, signal)).sha256
  return hashes
}
