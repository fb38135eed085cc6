/**
 * The inverse of a positive definite matrix of which much is zero: pivots whose rows have few entries are eliminated by themselves,
 * `invertPositiveDefinite` takes what is left, and the rows of those pivots follow from it. n³ / 2 multiply-adds become m³ / 2 for the
 * m rows that are left.
 */
import { RunError } from '../errors.ts'
import { placesWhere } from '../places.ts'
import type { EliminatedRows, Floats, Kernels } from './interface/kernels.ts'
import { eliminateSparsest, patternOf } from './minimum-degree.ts'

/** A pivot with entries in a larger share of the rows that are left costs more by itself than with them. */
const FEW = 1 / 6

/** A row when its turn came, after the pivots before it: entries in the columns of later rows, and the diagonal. */
interface Pivot {
  readonly row: number
  readonly diagonal: number
  readonly columns: Int32Array
  readonly values: Float32Array
}

/** What a pivot subtracts from a later row: its own, times `factor`. */
interface Change {
  readonly pivot: Pivot
  readonly factor: number
}

/**
 * Replaces A by its inverse, both triangles, to the same bits for any number of threads.
 * @param matrix [n × stride] in kernel memory, symmetric; zeros from column n on
 * @param stride a multiple of 4, at least n
 * @throws RunError naming the pivot when the matrix is not positive definite, those of the kernel counted among the rows that are left
 */
export function invertSparse(kernels: Kernels, matrix: Floats, n: number, stride: number): void {
  const changes: Change[][] = Array.from({ length: n }, () => [])
  const pivots = eliminate(matrix, n, stride, changes)
  const eliminated = new Set(pivots.map(({ row }) => row))
  const left = placesWhere(n, row => !eliminated.has(row))
  const own = new Float32Array(n)
  for (let place = 0; place < left.length; place++) {
    const row = left[place]
    changeRow(matrix, stride, row, changes[row], row, own)
    const to = place * left.length
    for (let k = 0; k <= place; k++) matrix[to + k] = own[left[k]]
  }
  const [square, room] = [matrix.subarray(0, left.length ** 2), matrix.subarray(Math.ceil(left.length ** 2 / 16) * 16)]
  kernels.invertPositiveDefinite(square, left.length, room)
  scatter(matrix, n, stride, left)
  const { memory } = kernels
  memory.scope(() => kernels.recoverEliminated(matrix, stride, memory.copy(left), packPivots(memory, pivots.reverse())))
}

/** Takes rows as pivots, always one with the fewest entries, while these are few. */
function eliminate(matrix: Floats, n: number, stride: number, changes: Change[][]): Pivot[] {
  const pivots: Pivot[] = []
  const own = new Float32Array(n)
  eliminateSparsest(patternOf(matrix, n, stride), FEW, (row, columns) => {
    changeRow(matrix, stride, row, changes[row], n - 1, own)
    const diagonal = own[row]
    if (!(diagonal > 0))
      throw new RunError(`the matrix is not positive definite: pivot ${row} is ${diagonal}; raise the regularization`)
    const pivot = { row, diagonal, columns, values: new Float32Array(columns.length) }
    for (let k = 0; k < columns.length; k++) {
      const value = own[columns[k]]
      pivot.values[k] = value
      changes[columns[k]].push({ pivot, factor: value / diagonal })
    }
    pivots.push(pivot)
  })
  return pivots
}

/** own = A_i − Σ_v A_iv A_v / A_vv over pivots v, up to column `last`: a row after they had their turn. */
function changeRow(
  matrix: Floats,
  stride: number,
  row: number,
  changes: readonly Change[],
  last: number,
  own: Float32Array,
): void {
  own.set(matrix.subarray(row * stride, row * stride + last + 1))
  for (const { pivot, factor } of changes) {
    const { columns, values } = pivot
    for (let k = 0; k < columns.length && columns[k] <= last; k++) own[columns[k]] -= factor * values[k]
  }
}

/** Undoes what put the rows and columns `left` in front; zeros elsewhere. */
function scatter(matrix: Floats, n: number, stride: number, left: Int32Array): void {
  const own = new Float32Array(stride)
  let place = left.length
  for (let row = n - 1; row >= 0; row--) {
    own.fill(0)
    if (place > 0 && left[place - 1] === row) {
      place--
      for (let k = 0; k < left.length; k++) own[left[k]] = matrix[place * left.length + k]
    }
    matrix.set(own, row * stride)
  }
}

/** The pivots as the kernel takes them: −A_vi / A_vv and 1 / A_vv, the last pivot first. */
function packPivots(memory: Kernels['memory'], pivots: readonly Pivot[]): EliminatedRows {
  const offsets = memory.ints(pivots.length + 1)
  for (const [v, { columns }] of pivots.entries()) offsets[v + 1] = offsets[v] + columns.length
  const entries = offsets[pivots.length]
  const [indices, values] = [memory.ints(entries), memory.floats(entries)]
  for (const [v, pivot] of pivots.entries()) {
    indices.set(pivot.columns, offsets[v])
    values.set(
      pivot.values.map(value => -value / pivot.diagonal),
      offsets[v],
    )
  }
  const inverses = memory.copy(Float32Array.from(pivots, ({ diagonal }) => 1 / diagonal))
  return {
    rows: memory.copy(Int32Array.from(pivots, ({ row }) => row)),
    factors: { offsets, indices, values },
    inverses,
  }
}
