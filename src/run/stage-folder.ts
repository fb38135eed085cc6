/**
 * The folder of a stage: its name, its files, and `manifest.json`, written last, which holds the key and the hash of every
 * file. A folder is replaced when what takes its place is whole.
 */
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, OutputError } from '../errors.ts'
import {
  cannotWrite,
  isThere,
  makeDirectory,
  recallWrites,
  refuseUnreadable,
  rememberWrites,
  sha256,
  sha256OfFile,
  writeJson,
} from '../files.ts'

/** Folder of a stage: `train-base`, and `train-base-seed2` for a seed after the first. */
export function stageFolder(stage: string, repeatSeed?: number): string {
  return repeatSeed === undefined ? stage : `${stage}-seed${repeatSeed}`
}

const REPEAT = /-seed\d+$/

/** Whether a folder is one of a seed after the first. */
export function isRepeat(folder: string): boolean {
  return REPEAT.test(folder)
}

/** The stage that a folder is of, whatever the seed. */
export function plainStage(folder: string): string {
  return folder.replace(REPEAT, '')
}

export interface Manifest {
  readonly stage: string
  readonly key: string
  readonly options: unknown
  readonly inputs: Readonly<Record<string, string>>
  /** SHA-256 by path below the folder */
  readonly files: Readonly<Record<string, string>>
  /** how long it took to make, in all sessions */
  readonly seconds: number
  /** the most memory the process had used by its end */
  readonly peakBytes: number
}

/** The hash by which later stages know a stage's files. */
export function hashOfFiles(files: Manifest['files']): string {
  return sha256(JSON.stringify(files))
}

/** @returns undefined where there is no manifest that can be read: the stage is then made again */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
    return isManifest(manifest) ? manifest : undefined
  } catch (error) {
    refuseUnreadable(join(folder, 'manifest.json'), error)
    return undefined
  }
}

function isManifest(value: Partial<Manifest> | null): value is Manifest {
  const isRecord = (part: unknown) => typeof part === 'object' && part !== null && !Array.isArray(part)
  return isRecord(value) && typeof value!.key === 'string' && isRecord(value!.files) && isRecord(value!.inputs)
}

/** Lets a stage be made again, though its inputs and options are as they were. */
export async function discardStage(directory: string, name: string): Promise<void> {
  await rm(join(directory, name, 'manifest.json'), { force: true })
}

/** Files of a stage that are neither results nor hashed: what a killed attempt left to resume from. */
export const SCRATCH = 'scratch'

export async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeDirectory(folder)
    for (const name of await readdir(folder)) if (name !== SCRATCH) await rm(join(folder, name), { recursive: true })
    rememberWrites(folder)
  } catch (error) {
    throw cannotWrite(folder, error)
  }
}

export async function replaceFolder(folder: string, by: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
    await rename(by, folder)
  } catch (error) {
    throw cannotWrite(folder, error)
  }
}

/** A kill may have come just before the last rename. */
export async function finishReplacing(folder: string): Promise<void> {
  const partial = `${folder}.partial`
  if (!(await readManifest(folder)) && (await readManifest(partial))) await replaceFolder(folder, partial)
}

/** @param stage the folder's name in `stage` */
export async function writeManifest(
  folder: string,
  stage: Pick<Manifest, 'stage' | 'key' | 'options' | 'inputs'>,
  seconds: number,
): Promise<Manifest> {
  await rm(join(folder, SCRATCH), { recursive: true, force: true })
  const files: Record<string, string> = {}
  const names = await readdir(folder)
  // a directory that is being removed loses its files one by one: what is left of them is no stage
  const gone = [...recallWrites(folder)].find(name => !names.includes(name))
  if (gone !== undefined) throw new OutputError(`${join(folder, gone)} was removed while it was made: start again`)
  for (const name of names.sort()) files[name] = await sha256OfFile(join(folder, name))
  const manifest: Manifest = { ...stage, files, seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }
  await writeJson(join(folder, 'manifest.json'), manifest)
  return manifest
}

/**
 * The manifest of a stage that is only read, with every file as it was written.
 * @param remedy what makes the stage again
 * @returns undefined where there is no such folder
 * @throws DataError when the folder is damaged
 */
export async function wholeStage(folder: string, remedy: string): Promise<Manifest | undefined> {
  if (!(await isThere(folder))) return undefined
  const manifest = await readManifest(folder)
  const damaged = manifest ? await firstDamaged(folder, manifest) : 'manifest.json'
  if (damaged !== undefined) throw new DataError(`${join(folder, damaged)} is damaged or missing: ${remedy}`)
  return manifest
}

/** @throws DataError for one file of a stage that is not as it was written, and may be another one under its name */
export async function checkFile(folder: string, name: string, remedy: string): Promise<void> {
  const hash = (await readManifest(folder))?.files[name]
  if (hash === undefined || (await firstDamaged(folder, { files: { [name]: hash } })) !== undefined)
    throw new DataError(`${join(folder, name)} is damaged or missing: ${remedy}`)
}

/** The first file that is not as it was written. */
async function firstDamaged(folder: string, { files }: Pick<Manifest, 'files'>): Promise<string | undefined> {
  for (const [name, hash] of Object.entries(files)) {
    const path = join(folder, name)
    const found = await sha256OfFile(path).catch(error => refuseUnreadable(path, error))
    if (found !== hash) return name
  }
  return undefined
}

/** The manifest of a folder that holds just what the key asks for, every file as it was written. */
export async function usable(folder: string, key: string): Promise<Manifest | undefined> {
  const manifest = await readManifest(folder)
  if (manifest?.key !== key || (await firstDamaged(folder, manifest)) !== undefined) return
  return manifest
}
