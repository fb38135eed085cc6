/**
 * Elimination of a symmetric matrix by pattern alone: the row with the fewest entries comes next, and its entries become entries of each
 * other's rows (minimum degree: Tinney & Walker, Proceedings of the IEEE 55, 1967). Of the pattern a row is a set of bits.
 */

import { ascending } from '../places.ts'
import type { Floats } from './interface/kernels.ts'

/** Square and symmetric, rows of `words` words of 32 columns, with bits on the diagonal. */
export interface Pattern {
  readonly n: number
  readonly words: number
  readonly bits: Int32Array
}

/** @param matrix [n × stride], of which the lower triangle is read */
export function patternOf(matrix: Floats, n: number, stride: number): Pattern {
  const words = (n + 31) >> 5
  const bits = new Int32Array(n * words)
  for (let row = 0; row < n; row++) {
    bits[row * words + (row >> 5)] |= 1 << (row & 31)
    const start = row * stride
    for (let column = 0; column < row; column++)
      if (matrix[start + column] !== 0) {
        bits[row * words + (column >> 5)] |= 1 << (column & 31)
        bits[column * words + (row >> 5)] |= 1 << (row & 31)
      }
  }
  return { n, words, bits }
}

/**
 * Eliminates rows while the next has entries in no more than `share` of the rows that are left, of equals the first one.
 * @param visit gets a row when its turn comes, and the columns of its entries among the rows behind it, ascending
 */
export function eliminateSparsest(
  { n, words, bits }: Pattern,
  share: number,
  visit: (row: number, columns: Int32Array) => void,
): void {
  const degrees = Int32Array.from({ length: n }, (_, row) => {
    let degree = -1
    for (let at = row * words; at < (row + 1) * words; at++) degree += bitsIn(bits[at])
    return degree
  })
  const rows = ascending(n)
  for (let left = n; left > 0; left--) {
    let next = 0
    for (let k = 1; k < left; k++) if (degrees[rows[k]] < degrees[rows[next]]) next = k
    const row = rows[next]
    if (degrees[row] > share * left) break
    rows.copyWithin(next, next + 1, left)
    const columns = columnsOf(bits, row * words, words, row, degrees[row])
    visit(row, columns)
    join({ bits, words }, row, columns, degrees)
  }
}

/** What has an entry in the row gets the row's entries, and loses the row. */
function join({ bits, words }: Pick<Pattern, 'bits' | 'words'>, row: number, columns: Int32Array, degrees: Int32Array) {
  const from = row * words
  const filled = new Int32Array(words)
  let count = 0
  for (let word = 0; word < words; word++) if (bits[from + word] !== 0) filled[count++] = word
  for (const column of columns) {
    const to = column * words
    let added = -1
    for (let k = 0; k < count; k++) {
      const word = filled[k]
      const more = bits[from + word] & ~bits[to + word]
      if (more === 0) continue
      bits[to + word] |= more
      added += bitsIn(more)
    }
    bits[to + (row >> 5)] &= ~(1 << (row & 31))
    degrees[column] += added
  }
}

/** The places of `count` bits, without that of the row itself. */
function columnsOf(bits: Int32Array, from: number, words: number, row: number, count: number): Int32Array {
  const columns = new Int32Array(count)
  let found = 0
  for (let word = 0; word < words; word++)
    for (let rest = bits[from + word]; rest !== 0; rest &= rest - 1) {
      const column = 32 * word + 31 - Math.clz32(rest & -rest)
      if (column !== row) columns[found++] = column
    }
  return columns
}

function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
