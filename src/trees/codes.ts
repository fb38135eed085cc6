/**
 * Item codes: the child numbers on an item's path from the root of an index tree, such as `2-0-3-1`. Two items share
 * as much of their codes as of their paths.
 */
import { readFile } from 'node:fs/promises'
import type { Vocabulary } from '../dataset/dataset.ts'
import { DataError } from '../errors.ts'
import { refuseUnreadable, writeAtomic } from '../files.ts'
import type { Codes } from '../kernels/interface/kernels.ts'
import { codeOf } from '../kernels/reference/trees.ts'

/** The trees, by what they are built from. */
export const VIEWS = ['structural', 'semantic'] as const

export { codeOf, codeSimilarity, sharedPrefix } from '../kernels/reference/trees.ts'

/** The codes of both views, [I × depth] each. */
export interface ViewCodes {
  readonly structural: Codes
  readonly semantic: Codes
}

/** Codes of items 0 … I − 1, padded to the longest. */
export function packCodes(paths: readonly ArrayLike<number>[]): Codes {
  const depth = paths.reduce((longest, path) => Math.max(longest, path.length), 0)
  const values = new Int8Array(paths.length * depth).fill(-1)
  paths.forEach((path, item) => {
    values.set(path, item * depth)
  })
  return { depth, values }
}

/** `2-0-3-1`; the empty string for the empty code. */
export function formatCode(code: ArrayLike<number>): string {
  return Array.from(code).join('-')
}

/** @returns undefined when `text` is no code */
export function parseCode(text: string): number[] | undefined {
  if (text === '') return []
  if (!/^\d{1,3}(-\d{1,3})*$/.test(text)) return
  const code = text.split('-').map(Number)
  return code.every(step => step <= 127) ? code : undefined
}

/** Writes `item: 2-0-3-1`, an item a line, in the order of the vocabulary. */
export async function writeCodes(path: string, codes: Codes, itemIds: Vocabulary): Promise<void> {
  const lines = itemIds.ids.map((id, item) => `${id}: ${formatCode(codeOf(codes, item))}\n`)
  await writeAtomic(path, lines.join(''))
}

/**
 * Reads what `writeCodes` writes, in any order of lines.
 * @throws DataError naming file, line and value: a line that is not `item: code`, an item that is unknown or stands
 *   twice, or items without a code
 */
export async function readCodes(path: string, itemIds: Vocabulary): Promise<Codes> {
  const text = await readFile(path, 'utf8').catch(cause => {
    refuseUnreadable(path, cause)
    throw new DataError(`cannot read the item codes of ${path}: ${cause.message}`, { cause })
  })
  const paths: (number[] | undefined)[] = itemIds.ids.map(() => undefined)
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const place = `${path} line ${index + 1}`
    const colon = line.lastIndexOf(':')
    const code = colon < 0 ? undefined : parseCode(line.slice(colon + 1).trim())
    if (!code) throw new DataError(`${place}: expected "item: code" such as "17: 2-0-3-1", found "${line.trim()}"`)
    const id = line.slice(0, colon).trim()
    const item = itemIds.indexOf(id)
    if (item < 0)
      throw new DataError(`${place}: item "${id}" is not in the data set; codes and data must belong together`)
    if (paths[item]) throw new DataError(`${place}: item "${id}" has a code already`)
    paths[item] = code
  }
  const missing = paths.indexOf(undefined)
  if (missing >= 0) {
    const count = paths.filter(code => code === undefined).length
    throw new DataError(`${path}: no code for ${count} of ${paths.length} items, the first "${itemIds.ids[missing]}"`)
  }
  return packCodes(paths as number[][])
}
