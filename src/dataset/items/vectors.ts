/** Vectors of items that somebody made elsewhere, such as a text encoder. */
import { DataError } from '../../errors.ts'
import type { Vocabulary } from '../dataset.ts'
import { readGivenTable } from '../table.ts'

export interface ItemVectors {
  readonly dimensions: number
  /** [I × D] in internal order, each of length 1; 0 for an item without one */
  readonly values: Float32Array
}

export interface ReadItemVectors extends ItemVectors {
  /** items without one */
  readonly missing: number
  /** rows that are about other items */
  readonly unknown: number
  /** rows about an item that had one already: the last counts */
  readonly repeated: number
}

/**
 * Reads Parquet with a row per item: its id in the first of `item`, `item_id`, and a list of numbers in `vector`.
 * @throws DataError when columns are missing, lengths differ, a number is not finite, or no item is one of ours
 */
export async function readItemVectors(path: string, { ids, indexOf }: Vocabulary): Promise<ReadItemVectors> {
  const table = await readGivenTable(path, ['vector'], ['item', 'item_id'])
  const names = [table.item, table.item_id].find(column => column.length > 0)
  if (!names) throw new DataError(`${path}: expected the columns item, vector; there is no item or item_id`)
  let values: Float32Array | undefined
  let dimensions = 0
  const seen = new Set<number>()
  let [unknown, repeated] = [0, 0]
  table.vector.forEach((cell, row) => {
    const own = (cell as unknown as { items?: readonly number[] } | null)?.items ?? []
    dimensions ||= own.length
    const length = Math.sqrt(own.reduce((sum, value) => sum + Number(value) ** 2, 0))
    if (own.length !== dimensions || dimensions === 0 || !Number.isFinite(length))
      throw new DataError(
        `${path} row ${row + 1}: expected a list of ${dimensions || 'some'} finite numbers in column "vector", found ${own.length}`,
      )
    const item = names[row] === null ? -1 : indexOf(names[row])
    if (item < 0) {
      unknown++
      return
    }
    if (seen.has(item)) repeated++
    seen.add(item)
    values ??= new Float32Array(ids.length * dimensions)
    for (const [at, value] of own.entries()) values[item * dimensions + at] = length > 0 ? Number(value) / length : 0
  })
  if (!values)
    throw new DataError(`${path}: none of its ${table.vector.length} rows is about one of the ${ids.length} items`)
  return { dimensions, values, missing: ids.length - seen.size, unknown, repeated }
}

/** What is not as one would expect, in words; undefined when all is. */
export function describeItemVectors(path: string, { ids }: Vocabulary, found: ReadItemVectors): string | undefined {
  const { missing, unknown, repeated } = found
  const said = [
    missing > 0 && `${missing} of ${ids.length} items have no vector`,
    unknown > 0 && `${unknown} rows are about other items`,
    repeated > 0 && `${repeated} rows are about an item that an earlier row is about, and the last counts`,
  ].filter(text => text !== false)
  return said.length > 0 ? `${path}: ${said.join('; ')}` : undefined
}

/** Numbers in each vector of a file, by its first row; 0 where that says nothing. */
export async function itemVectorLength(path: string): Promise<number> {
  const [first] = (await readGivenTable(path, ['vector'], [], 1)).vector
  return (first as unknown as { items?: readonly number[] } | null)?.items?.length ?? 0
}
