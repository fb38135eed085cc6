/** Files that shards leave: `part-i` with an extension and, written last, `part-i.ok` with its rows and SHA-256: it is whole. */
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from './errors.ts'
import { cannotWrite, findJson, sha256, sha256OfFile, writeAtomic } from './files.ts'

const okFile = (folder: string, index: number) => join(folder, `part-${index}.ok`)

/** Where a shard's file is while it is written. */
export const unfinishedShardFile = (folder: string, index: number) => join(folder, `part-${index}.tmp`)

/** Says that the file of a shard is whole. */
export async function finishShardFile(path: string, folder: string, index: number, rows: number): Promise<void> {
  const ok = { rows, sha256: await sha256OfFile(path) }
  await writeAtomic(okFile(folder, index), `${JSON.stringify(ok)}\n`)
}

/**
 * Writes a file whose bytes do not depend on who writes it. A second process at the same shard, which a scheduler may start
 * while the first one lives, writes the same bytes over the same bytes: the file is never truncated first.
 * @throws OutputError naming the path and the system's reason
 */
export async function writeShardFile(path: string, folder: string, index: number, pieces: Uint8Array[], rows: number) {
  const temporary = unfinishedShardFile(folder, index)
  const bytes = Buffer.concat(pieces)
  try {
    const file = await open(temporary, 'a').then(made => made.close().then(() => open(temporary, 'r+')))
    try {
      await file.write(bytes, 0, bytes.length, 0)
      await file.truncate(bytes.length)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    // the other process was first
    if ((await sha256OfFile(path).catch(() => undefined)) !== sha256(bytes)) throw cannotWrite(path, error)
  }
  await finishShardFile(path, folder, index, rows)
}

/**
 * `whole`, `missing`, or what is wrong with the file of a shard.
 * @param expected rows that its shard asks for
 */
export async function checkShardFile(path: string, folder: string, index: number, expected: number): Promise<string> {
  const text = await readFile(okFile(folder, index), 'utf8').catch(() => undefined)
  if (text === undefined) return 'missing'
  const ok = await findJson<{ rows?: number; sha256?: string }>(okFile(folder, index), '').catch(() => undefined)
  const name = (of: string) => of.slice(folder.length + 1)
  if (ok?.rows === undefined) return `${name(okFile(folder, index))} is damaged`
  const found = await sha256OfFile(path).catch(() => undefined)
  if (found !== ok.sha256) return `${name(path)} is not the file that part-${index}.ok is of`
  return ok.rows === expected ? 'whole' : `${name(path)} has ${ok.rows} rows, its shard ${expected}`
}

/** @throws UsageError naming the shards that are not whole */
export function checkWhole(folder: string, states: readonly string[]): void {
  const missing = [...states.keys()].filter(index => states[index] === 'missing')
  if (missing.length > 0)
    throw new UsageError(
      `${folder}: ${missing.length} of ${states.length} parts are missing (${missing.slice(0, 10).join(', ')}): run "dualtree job run-shard ${folder} --index ${missing[0]}"`,
    )
  const broken = states.find(state => state !== 'whole')
  if (broken !== undefined) throw new UsageError(`${folder}: ${broken}; run its shard again`)
}
