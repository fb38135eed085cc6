/** Patterns in CSR: built from pairs, turned round, and counted. */
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { ascending } from '../places.ts'

/**
 * CSR of pairs: rows ascend, and the columns of a row ascend. Pairs that stand twice stay twice, in their given order;
 * `order[e]` is the pair that stands at position e.
 */
export function buildCsr(rows: ArrayLike<number>, columns: ArrayLike<number>, rowCount: number, columnCount: number) {
  const given = ascending(columns.length)
  if (isSorted(rows, columns))
    return { pattern: { offsets: offsetsOf(rows, rowCount), indices: new Int32Array(columns) }, order: given }
  // two stable counting passes, by column, then by row
  const byColumn = countingSort(columns, columnCount, given).order
  const { order, offsets } = countingSort(rows, rowCount, byColumn)
  return { pattern: { offsets, indices: gather(columns, order, Int32Array) }, order }
}

/**
 * CSR of pairs, each pair once: the first of equals, or the one that is `preferred` to those before it.
 * `order[e]` is the pair that stands at position e.
 */
export function buildUniqueCsr(
  rows: ArrayLike<number>,
  columns: ArrayLike<number>,
  rowCount: number,
  columnCount: number,
  preferred?: (pair: number, kept: number) => boolean,
) {
  const { pattern, order } = buildCsr(rows, columns, rowCount, columnCount)
  const unique = withoutRepeats(pattern, order, preferred)
  return { pattern: unique, order: order.subarray(0, unique.indices.length) }
}

/** The pattern of `buildUniqueCsr` without the order, a third faster: pairs by column, then turned round, so that columns of a row ascend. */
export function uniquePattern(
  rows: ArrayLike<number>,
  columns: ArrayLike<number>,
  rowCount: number,
  columnCount: number,
): CsrPattern {
  const offsets = offsetsOf(columns, columnCount)
  const next = offsets.slice()
  const indices = new Int32Array(columns.length)
  for (let pair = 0; pair < indices.length; pair++) indices[next[columns[pair]]++] = rows[pair]
  return withoutRepeats(transpose({ offsets, indices }, rowCount))
}

/** Each column of a row once; indices, and the order if there is one, are overwritten. */
function withoutRepeats(
  pattern: CsrPattern,
  order?: Int32Array,
  preferred: (pair: number, kept: number) => boolean = () => false,
): CsrPattern {
  const { indices } = pattern
  const offsets = new Int32Array(pattern.offsets.length)
  let kept = 0
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let entry = pattern.offsets[row]; entry < pattern.offsets[row + 1]; entry++) {
      const column = indices[entry]
      if (kept > offsets[row] && indices[kept - 1] === column) {
        if (order && preferred(order[entry], order[kept - 1])) order[kept - 1] = order[entry]
        continue
      }
      if (order) order[kept] = order[entry]
      indices[kept++] = column
    }
    offsets[row + 1] = kept
  }
  return { offsets, indices: kept === indices.length ? indices : indices.slice(0, kept) }
}

function isSorted(rows: ArrayLike<number>, columns: ArrayLike<number>): boolean {
  for (let pair = 1; pair < rows.length; pair++)
    if (rows[pair] < rows[pair - 1] || (rows[pair] === rows[pair - 1] && columns[pair] < columns[pair - 1]))
      return false
  return true
}

/** `column[order[0]], column[order[1]], …` */
export function gather<T extends NumberArray>(
  column: ArrayLike<number>,
  order: Int32Array,
  as: new (length: number) => T,
): T {
  const values = new as(order.length)
  for (let position = 0; position < order.length; position++) values[position] = column[order[position]]
  return values
}

export type NumberArray = Int32Array | Float32Array | Float64Array

/** The columns one after the other. */
export function joined<T extends NumberArray | Uint8Array>(
  columns: readonly ArrayLike<number>[],
  as: new (length: number) => T,
): T {
  const values = new as(columns.reduce((sum, { length }) => sum + length, 0))
  let past = 0
  for (const column of columns) {
    values.set(column, past)
    past += column.length
  }
  return values
}

/** Row → columns turned into column → rows. */
export function transpose({ offsets, indices }: CsrPattern, columnCount: number): CsrPattern {
  const transposed = offsetsOf(indices, columnCount)
  const next = transposed.slice()
  const rows = new Int32Array(indices.length)
  for (let row = 0; row + 1 < offsets.length; row++)
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) rows[next[indices[entry]]++] = row
  return { offsets: transposed, indices: rows }
}

/** Values along a pattern, along its transpose. */
export function transposeValues({ indices }: CsrPattern, values: Float32Array, columnCount: number): Float32Array {
  const next = offsetsOf(indices, columnCount)
  const transposed = new Float32Array(values.length)
  // rows come in their order, and so do the entries of a column
  for (let entry = 0; entry < indices.length; entry++) transposed[next[indices[entry]]++] = values[entry]
  return transposed
}

/** The row of each entry of a pattern. */
export function rowOfEntry({ offsets, indices }: CsrPattern): Int32Array {
  const rows = new Int32Array(indices.length)
  for (let row = 0; row + 1 < offsets.length; row++) rows.fill(row, offsets[row], offsets[row + 1])
  return rows
}

/** For each row, the sum of what its columns have. */
export function sumsOfRows({ offsets, indices }: CsrPattern, ofColumn: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: offsets.length - 1 }, (_, row) => {
    let sum = 0
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) sum += ofColumn[indices[entry]]
    return sum
  })
}

/** Entries of each row of a pattern. */
export function degreesOf({ offsets }: CsrPattern): Int32Array {
  const degrees = new Int32Array(offsets.length - 1)
  for (let row = 0; row < degrees.length; row++) degrees[row] = offsets[row + 1] - offsets[row]
  return degrees
}

/** Where each key's entries begin, and where the last one's end. */
export function offsetsOf(keys: ArrayLike<number>, keyCount: number): Int32Array {
  const offsets = new Int32Array(keyCount + 1)
  for (let i = 0; i < keys.length; i++) offsets[keys[i] + 1]++
  for (let key = 0; key < keyCount; key++) offsets[key + 1] += offsets[key]
  return offsets
}

/** `order` sorted by key, stable; offsets[key] is where a key begins. */
function countingSort(keys: ArrayLike<number>, keyCount: number, order: Int32Array) {
  const offsets = offsetsOf(keys, keyCount)
  const next = offsets.slice()
  const sorted = new Int32Array(order.length)
  for (let at = 0; at < order.length; at++) sorted[next[keys[order[at]]]++] = order[at]
  return { order: sorted, offsets }
}
