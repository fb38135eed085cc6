/**
 * A model as a folder: `model.safetensors` with every array that serving needs, and `manifest.json`, written last, with what
 * the arrays are and the hash that they must have. It is read in one go, into kernel memory, where the arrays stay.
 */
import { createHash } from 'node:crypto'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError, messageOf, UsageError } from '../../errors.ts'
import { cannotWrite, makeDirectory, refuseUnreadable, sha256, writeAtomic, writeJson } from '../../files.ts'
import type { KernelMemory } from '../../kernels/interface/kernels.ts'
import { parseJson } from '../../llm/completion.ts'
import { decodeTensors, encodeTensors } from '../../models/safetensors.ts'
import type { StoredRecommender } from '../../models/stored.ts'
import { version } from '../../version.ts'
import type { Tensors } from '../items/texts.ts'

const MANIFEST = 'manifest.json'
const ARRAYS = 'model.safetensors'
/** Of the format: raised when a folder of before can no longer be read. */
const VERSION = 1
/** Read, and hashed, at a time. */
const CHUNK = 4 * 1024 ** 2

interface Structure {
  readonly kind: string
  readonly options: StoredRecommender['options']
  readonly parts: Readonly<Record<string, Structure>>
}

const structure: z.ZodType<Structure> = z.object({
  kind: z.string(),
  options: z.record(z.string(), z.union([z.number(), z.string()])),
  parts: z.record(
    z.string(),
    z.lazy(() => structure),
  ),
})

const manifestSchema = z.object({
  format: z.literal('dualtree model'),
  version: z.literal(VERSION),
  /** of all that follows, and so of the arrays too */
  hash: z.string(),
  made: z.object({
    /** version of dualtree */
    by: z.string(),
    method: z.string(),
    fittedOn: z.enum(['all', 'train']),
    dataHash: z.string(),
    seed: z.int(),
    metrics: z.record(z.string(), z.number()),
    users: z.int(),
    items: z.int(),
    coldItems: z.int(),
    notRecommendable: z.int(),
    /** of the items, in the order of their columns */
    attributes: z.array(z.strictObject({ name: z.string(), type: z.enum(['number', 'text', 'boolean']) })),
  }),
  recommender: structure,
  file: z.object({ bytes: z.int(), sha256: z.string() }),
})

export type Made = Omit<z.output<typeof manifestSchema>['made'], 'by'>

export interface ModelContent {
  readonly made: Made
  readonly recommender: StoredRecommender
  /** all but the recommender's */
  readonly tensors: Tensors
}

export interface ReadModel extends ModelContent {
  readonly made: z.output<typeof manifestSchema>['made']
  /** of the folder, in hex */
  readonly hash: string
}

/**
 * Writes a model beside `folder` and puts it in its place when it is whole.
 * @throws OutputError when it cannot be written; UsageError when the folder holds something else
 */
export async function writeModelFolder(
  folder: string,
  { made, recommender, tensors }: ModelContent,
): Promise<{ hash: string; bytes: number }> {
  const all = { ...flatten(recommender), ...tensors }
  // wide elements first, so that every array is aligned
  const sorted = Object.entries(all).sort(([, a], [, b]) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT)
  const pieces = encodeTensors({ tensors: Object.fromEntries(sorted), metadata: { format: 'dualtree model' } })
  const digest = createHash('sha256')
  for (const piece of pieces) digest.update(piece)
  const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
  const content = {
    made: { by: version, ...made },
    recommender: structureOf(recommender),
    file: { bytes, sha256: digest.digest('hex') },
  }
  const hash = hashOf(content)
  await checkReplaceable(folder)
  const [partial, before] = [`${folder}.partial`, `${folder}.before`]
  await rm(partial, { recursive: true, force: true })
  await makeDirectory(partial)
  await writeAtomic(join(partial, ARRAYS), pieces)
  const manifest = { format: 'dualtree model', version: VERSION, hash, ...content }
  await writeJson(join(partial, MANIFEST), manifest)
  try {
    await rm(before, { recursive: true, force: true })
    await rename(folder, before).catch(() => {})
    await rename(partial, folder)
    await rm(before, { recursive: true, force: true })
  } catch (error) {
    throw cannotWrite(folder, error)
  }
  return { hash, bytes }
}

async function checkReplaceable(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[])
  if (names.length > 0 && !names.includes(MANIFEST))
    throw new UsageError(
      `${folder} holds other files (${names.slice(0, 3).join(', ')}) and no model: choose a new or empty folder`,
    )
}

/** Whether a path is a model folder, whole or not. */
export async function isModelFolder(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [] as string[])).some(name => [MANIFEST, ARRAYS].includes(name))
}

/**
 * Reads a model into kernel memory, where its arrays are good for the scope they are read in.
 * @throws DataError when the folder is not whole, not what was written, or of another version
 */
export async function readModelFolder(folder: string, memory: KernelMemory): Promise<ReadModel> {
  const { hash, made, recommender, file } = await readManifest(join(folder, MANIFEST))
  const path = join(folder, ARRAYS)
  const bytes = await readHashed(path, file, memory)
  const { tensors } = decodeTensors(bytes, path)
  return { hash, made, recommender: unflatten(recommender, tensors), tensors }
}

async function readManifest(path: string) {
  const text = await readFile(path, 'utf8').catch(error => {
    throw new DataError(`${path}: there is no whole model in this folder; export it again`, { cause: error })
  })
  const json = parseJson(text)
  if (json === undefined) throw new DataError(`${path}: damaged: not JSON; export it again`)
  const found = json as { format?: unknown; version?: unknown } | null
  if (found?.format === 'dualtree model' && found.version !== VERSION)
    throw new DataError(
      `${path}: expected a model folder of version ${VERSION}, found version ${found.version}; export it again with this version of dualtree (${version})`,
    )
  const parsed = manifestSchema.safeParse(json)
  if (!parsed.success)
    throw new DataError(
      `${path}: not the manifest of a model (at "${parsed.error.issues[0].path.join('.')}"); export it again`,
    )
  const { format: _, version: __, hash, ...content } = parsed.data
  if (hash !== hashOf(content))
    throw new DataError(`${path}: damaged: its content does not have the hash it was written with; export it again`)
  return { hash, ...content }
}

async function readHashed(
  path: string,
  expected: { bytes: number; sha256: string },
  memory: KernelMemory,
): Promise<Uint8Array> {
  const file = await open(path).catch(error => {
    refuseUnreadable(path, error)
    throw new DataError(`${path}: cannot be read: ${messageOf(error)}; export the model again`, { cause: error })
  })
  try {
    const { size } = await file.stat()
    if (size !== expected.bytes)
      throw new DataError(
        `${path}: expected ${expected.bytes} bytes, found ${size}: it is cut off or of another model; export the model again`,
      )
    const { buffer, byteOffset } = memory.bytes(size)
    const bytes = new Uint8Array(buffer, byteOffset, size)
    const digest = createHash('sha256')
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, size - at), at)
      if (bytesRead === 0) break
      digest.update(bytes.subarray(at, at + bytesRead))
      at += bytesRead
    }
    if (digest.digest('hex') !== expected.sha256)
      throw new DataError(`${path}: damaged: its bytes are not those that were written; export the model again`)
    return bytes
  } finally {
    await file.close()
  }
}

/** SHA-256 of what a manifest says, whatever the spaces. */
const hashOf = (content: object) => sha256(JSON.stringify(content))

function structureOf({ kind, options, parts = {} }: StoredRecommender): Structure {
  const entries = Object.entries(parts).map(([role, part]) => [role, structureOf(part)])
  return { kind, options: { ...options }, parts: Object.fromEntries(entries) }
}

/** The arrays of a recommender and of its parts, under names that tell them apart: `recommender.second.weights`. */
function flatten({ tensors, parts = {} }: StoredRecommender, prefix = 'recommender.'): Tensors {
  const own = Object.entries(tensors).map(([name, tensor]) => [`${prefix}${name}`, tensor])
  const ofParts = Object.entries(parts).map(([role, part]) => flatten(part, `${prefix}${role}.`))
  return Object.assign(Object.fromEntries(own), ...ofParts)
}

function unflatten({ kind, options, parts }: Structure, all: Tensors, prefix = 'recommender.'): StoredRecommender {
  const own = Object.entries(all).filter(([name]) => name.startsWith(prefix))
  const entries = Object.entries(parts).map(([role, part]) => [role, unflatten(part, all, `${prefix}${role}.`)])
  return {
    kind,
    options,
    tensors: Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor])),
    parts: Object.fromEntries(entries),
  }
}
