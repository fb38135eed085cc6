/**
 * The inverse of a positive definite matrix of which much is zero: pivots whose rows have few entries are eliminated by themselves,
 * `invertPositiveDefinite` takes what is left, and the rows of those pivots follow from it. n³ / 2 multiply-adds become m³ / 2 for the
 * m rows that are left.
 */
import { RunError } from '../errors.ts'
import type { CsrMatrix, Floats, Kernels } from './interface/kernels.ts'
import { eliminateSparsest, patternOf } from './minimum-degree.ts'

/** A pivot with entries in a larger share of the rows that are left costs more by itself than with them. */
const FEW = 1 / 6
/** Columns that are summed at a time. */
const TILE = 128

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
  const left = Int32Array.from({ length: n }, (_, row) => row).filter(row => !eliminated.has(row))
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
  recover(kernels, matrix, stride, pivots.reverse(), left)
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
    const pivot = { row, diagonal, columns, values: Float32Array.from(columns, column => own[column]) }
    for (const [k, column] of columns.entries()) changes[column].push({ pivot, factor: pivot.values[k] / diagonal })
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

/**
 * The rows of pivots v, the last one first: P_vj = −Σ_i A_vi P_ij / A_vv, and P_vv = (1 − Σ_i A_vi P_iv) / A_vv. Columns of rows that
 * were left come a tile at a time, which stays in a cache; those of pivots are then sums over their own rows, P being symmetric.
 */
function recover(
  { memory, spmm }: Kernels,
  matrix: Floats,
  stride: number,
  pivots: readonly Pivot[],
  left: Int32Array,
): void {
  const n = left.length + pivots.length
  memory.scope(() => {
    const table = memory.floats(n * TILE)
    const sums = memory.floats(pivots.length * TILE)
    const batches = batchesOf(pivots).map(batch => ({
      rows: batch.map(({ row }) => row),
      factors: factorsOf(memory, batch),
    }))
    for (let first = 0; first < stride; first += TILE) {
      const width = Math.min(TILE, stride - first)
      const inMatrix = (row: number) => row * stride + first
      for (let row = 0; row < n; row++) table.set(matrix.subarray(inMatrix(row), inMatrix(row) + width), row * TILE)
      for (const { rows, factors } of batches) {
        spmm(factors, table, sums, TILE)
        for (const [k, row] of rows.entries()) {
          const own = sums.subarray(k * TILE, k * TILE + width)
          table.set(own, row * TILE)
          matrix.set(own, inMatrix(row))
        }
      }
    }
  })
  // a row at a time, for the pivots behind it; what they take from it is there when their turn comes
  for (const [w, { row }] of pivots.entries()) {
    const from = row * stride
    for (let v = w; v < pivots.length; v++) {
      const { row: other, diagonal, columns, values } = pivots[v]
      let sum = v === w ? 1 : 0
      for (let k = 0; k < columns.length; k++) sum -= values[k] * matrix[from + columns[k]]
      matrix[from + other] = matrix[other * stride + row] = sum / diagonal
    }
  }
  for (const i of left) for (const { row } of pivots) matrix[i * stride + row] = matrix[row * stride + i]
}

/** −A_vi / A_vv, a row for each pivot. */
function factorsOf(memory: Kernels['memory'], pivots: readonly Pivot[]): CsrMatrix {
  const offsets = Int32Array.of(0, ...pivots.map(({ columns }) => columns.length))
  for (let row = 0; row < pivots.length; row++) offsets[row + 1] += offsets[row]
  const indices = Int32Array.from(pivots.flatMap(({ columns }) => [...columns]))
  const values = Float32Array.from(pivots.flatMap(({ diagonal, values }) => Array.from(values, own => -own / diagonal)))
  return { offsets: memory.copy(offsets), indices: memory.copy(indices), values: memory.copy(values) }
}

/** Runs of pivots of which none has an entry in the column of another. */
function batchesOf(pivots: readonly Pivot[]): Pivot[][] {
  const batches: Pivot[][] = []
  let rows = new Set<number>()
  for (const pivot of pivots) {
    if (rows.size === 0 || pivot.columns.some(column => rows.has(column))) {
      batches.push([])
      rows = new Set()
    }
    batches.at(-1)!.push(pivot)
    rows.add(pivot.row)
  }
  return batches
}
