/** Data sets as lists that a person can read. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rowOfEntry } from '../../src/dataset/csr.ts'
import type { ExternalId } from '../../src/dataset/dataset.ts'
import { type Database, literal, withDatabase } from '../../src/dataset/files/duckdb.ts'
import { findData, groupsOf } from '../../src/dataset/files/find.ts'
import { formats } from '../../src/dataset/formats/index.ts'
import { readParts } from '../../src/dataset/read.ts'
import type { Split } from '../../src/dataset/split.ts'
import { openTruth } from '../../src/dataset/truth.ts'
import type { CsrPattern } from '../../src/kernels/interface/kernels.ts'
import { temporaryDirectory } from './directory.ts'

/** What a file says, in the order of its rows. */
export interface ReadBack {
  pairs: [ExternalId, ExternalId][]
  times?: number[]
  ratings?: number[]
  decisions: string[]
}

/** Reads one file, or several through a glob, as `loadSplit` does, before anything is filtered. */
export async function readBack(path: string, wishes: Record<string, string> = {}, format?: string): Promise<ReadBack> {
  const found = await findData(path)
  const decisions: string[] = []
  const { parts, userIds, itemIds } = await readParts([groupsOf(found).flat()], {
    wishes,
    decide: sentence => decisions.push(sentence),
    onFile: () => {},
    ...(format && { format: formats.get(format) }),
  }).finally(() => found.dispose())
  const [{ users, items, times, ratings }] = parts
  return {
    pairs: Array.from(users, (user, row) => [userIds[user], itemIds[items[row]]]),
    ...(times && { times: [...times] }),
    ...(ratings && { ratings: [...ratings] }),
    decisions,
  }
}

/** The same for the content of a file that is made for it. */
export async function readText(
  name: string,
  content: string | Uint8Array,
  wishes: Record<string, string> = {},
  format?: string,
): Promise<ReadBack> {
  const directory = await temporaryDirectory({ [name]: content })
  return readBack(join(directory, name), wishes, format)
}

/** "user item" in external ids, by internal order. */
export function pairsOfPart(split: Split, part: 'train' | 'valid' | 'test'): string[] {
  const pattern: CsrPattern = part === 'train' ? split.train.byUser : openTruth(split[part])
  const { userIds, itemIds } = split.train
  return [...rowOfEntry(pattern)].map((user, entry) => `${userIds.ids[user]} ${itemIds.ids[pattern.indices[entry]]}`)
}

/** Writes a file by DuckDB, as another tool would: `COPY (select) TO path (options)`. */
export async function copyByDuckDB(select: string, path: string, options = 'FORMAT parquet'): Promise<void> {
  await withDatabase(undefined, (database: Database) =>
    database.run(`COPY (${select}) TO ${literal(path)} (${options})`),
  )
}

/** Writes part of a file again: the first `keep` bytes. */
export async function cutFile(path: string, keep: number): Promise<void> {
  await writeFile(path, (await readFile(path)).subarray(0, keep))
}
