/**
 * The largest eigenpairs of a sparse symmetric matrix: Chebyshev-filtered subspace iteration. The filter is a
 * polynomial of the matrix that is small on the part of the spectrum nobody wants and grows steeply above it; sparse
 * products of a whole block do the work, and Rayleigh–Ritz takes the eigenpairs out of the block.
 *
 * @source Zhou, Saad, Tiago, Chelikowsky, "Self-consistent-field calculations using Chebyshev-filtered subspace
 *   iteration", J. Comput. Phys. 219 (2006); differs: the spectrum's lower end is known, and the degree follows from
 *   what single precision bears
 */
import { setImmediate } from 'node:timers/promises'
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { RunError } from '../errors.ts'
import type { CsrMatrix, Floats, Kernels } from '../kernels/kernels.ts'
import { type Key, randomStream } from '../random.ts'
import { addCombination, type Columns, dots, fillRandomly, orthonormalize, readRows, writeRows } from './columns.ts'

export interface EigenRequest {
  /** [n × n], symmetric, eigenvalues in [−1, 1]; in kernel memory */
  readonly matrix: CsrMatrix
  /** eigenpairs wanted; n when there are not as many */
  readonly count: number
  readonly kernels: Kernels
  /** of the random start */
  readonly key: Key
  /** sparse products after which it gives up */
  readonly mostProducts?: number
  readonly signal?: AbortSignal | undefined
  /** after every round: how many pairs are within the tolerance */
  readonly progress?: ((found: number, wanted: number) => void) | undefined
}

export interface Eigenpairs {
  /** [count], descending */
  readonly values: readonly number[]
  /** [count] unit vectors [n], the largest component of each positive */
  readonly vectors: Columns
  /** the largest ‖Wx − θx‖, at most `RESIDUAL_LIMIT` */
  readonly residual: number
  /** sparse products with the whole block that it took; 0 for a small matrix, which is solved densely */
  readonly products: number
}

export const RESIDUAL_LIMIT = 1e-4
/** Up to this size all eigenpairs are found at once. */
const DENSE_ROWS = 256
/** How much one filter may lift eigenvalue 1 over the unwanted: single precision carries 7 digits. */
const LARGEST_GAIN = 1e5
const LARGEST_DEGREE = 40

/**
 * @throws RunError when the residual stays above `RESIDUAL_LIMIT`; whatever `signal` aborts with
 */
export async function largestEigenpairs(request: EigenRequest): Promise<Eigenpairs> {
  const rows = request.matrix.offsets.length - 1
  const wanted = Math.min(request.count, rows)
  // whole strips of the sparse kernel, and more columns than are wanted: the last ones converge slowly
  const width = Math.ceil((1.25 * wanted) / 16) * 16
  const small = rows <= Math.max(DENSE_ROWS, 2 * width)
  const pairs = small
    ? solveDensely(request.matrix, wanted)
    : await request.kernels.memory.scope(() => iterate(request, wanted, width))
  return { ...pairs, vectors: pairs.vectors.map(fixSign) }
}

async function iterate(request: EigenRequest, wanted: number, width: number): Promise<Eigenpairs> {
  const { matrix, kernels, key, mostProducts = 3000, signal, progress } = request
  const { memory } = kernels
  const rows = matrix.offsets.length - 1
  let products = 0
  const multiply = (x: Floats, y: Floats) => {
    kernels.spmm(matrix, x, y, width)
    products++
  }
  const newBlock = () => Array.from({ length: width }, () => new Float64Array(rows))
  let block: Columns = newBlock()
  let spare: Columns = newBlock()
  const tables = {
    x: memory.floats(rows * width),
    product: memory.floats(rows * width),
    next: memory.floats(rows * width),
  }
  const random = randomStream(key)
  for (const column of block) fillRandomly(column, random)

  for (;;) {
    signal?.throwIfAborted()
    orthonormalize(block, random)
    writeRows(block, tables.x)
    multiply(tables.x, tables.product)
    readRows(tables.product, spare)
    const ritz = rayleighRitz(block, spare)
    rotate(block, ritz.rotation, spare)
    ;[block, spare] = [spare, block]
    // once more for the rotated vectors: their true residuals, and the filter's first step
    writeRows(block, tables.x)
    multiply(tables.x, tables.product)
    readRows(tables.product, spare)
    const residuals = ritz.values.subarray(0, wanted).map((value, c) => residualOf(block[c], spare[c], value))
    progress?.(residuals.filter(residual => residual <= RESIDUAL_LIMIT).length, wanted)
    const residual = largest(residuals)
    if (residual <= RESIDUAL_LIMIT)
      return {
        values: Array.from(ritz.values.subarray(0, wanted)),
        vectors: block.slice(0, wanted),
        residual,
        products,
      }
    if (products >= mostProducts) throw notConverged(residual, products, wanted)
    readRows(filter(tables, ritz.values, multiply), block)
    await setImmediate()
  }
}

/** Eigenvalues (descending) and the rotation to eigenvectors of the matrix seen within an orthonormal block. */
function rayleighRitz(block: Columns, product: Columns): { values: Float64Array; rotation: Columns } {
  const width = block.length
  const projected = product.map(column => dots(block, width, column))
  const symmetric = projected.map((row, i) => row.map((value, j) => (value + projected[j][i]) / 2))
  return decompose(symmetric)
}

/** All eigenpairs of a small dense symmetric matrix, descending. */
function decompose(matrix: Columns): { values: Float64Array; rotation: Columns } {
  const dense = new Matrix(matrix.map(row => Array.from(row)))
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(dense, { assumeSymmetric: true })
  const order = realEigenvalues.map((_, c) => c).sort((a, b) => realEigenvalues[b] - realEigenvalues[a])
  return {
    values: Float64Array.from(order, c => realEigenvalues[c]),
    rotation: order.map(c => Float64Array.from(eigenvectorMatrix.getColumn(c))),
  }
}

/** out[c] = Σ_i rotation[c][i] · block[i]. */
function rotate(block: Columns, rotation: Columns, out: Columns): void {
  rotation.forEach((coefficients, c) => {
    addCombination(out[c].fill(0), block, coefficients)
  })
}

/**
 * T_degree of the matrix, mapped so that [−1, the block's smallest Ritz value] becomes [−1, 1], times x.
 * @param tables x and its product with the matrix; both are overwritten
 * @param ritz descending
 * @returns the table that holds the result
 */
function filter(
  tables: { x: Floats; product: Floats; next: Floats },
  ritz: Float64Array,
  multiply: (x: Floats, y: Floats) => void,
): Floats {
  // where more eigenvalues coincide than the block has columns, the smallest Ritz value is one of the wanted
  const bound = Math.max(-0.99, Math.min(ritz[ritz.length - 1], ritz[0] - 1e-3))
  const centre = (bound - 1) / 2
  const half = (bound + 1) / 2
  const { product } = tables
  let previous = tables.x
  let current = tables.next
  for (let i = 0; i < product.length; i++) current[i] = (product[i] - centre * previous[i]) / half
  for (let degree = degreeOf((1 - centre) / half); degree > 1; degree--) {
    multiply(current, product)
    for (let i = 0; i < product.length; i++) previous[i] = (2 / half) * (product[i] - centre * current[i]) - previous[i]
    ;[previous, current] = [current, previous]
  }
  return current
}

/** The degree at which T(top), the gain of eigenvalue 1, reaches `LARGEST_GAIN`. */
function degreeOf(top: number): number {
  let [previous, gain, degree] = [1, top, 1]
  for (; gain < LARGEST_GAIN && degree < LARGEST_DEGREE; degree++) [previous, gain] = [gain, 2 * top * gain - previous]
  return degree
}

function solveDensely({ offsets, indices, values }: CsrMatrix, wanted: number): Eigenpairs {
  const rows = offsets.length - 1
  const dense = Array.from({ length: rows }, (_, row) => {
    const line = new Float64Array(rows)
    for (let e = offsets[row]; e < offsets[row + 1]; e++) line[indices[e]] = values[e]
    return line
  })
  const { values: all, rotation } = rows ? decompose(dense) : { values: new Float64Array(), rotation: [] }
  const vectors = rotation.slice(0, wanted)
  const residuals = vectors.map((vector, c) =>
    residualOf(
      vector,
      Float64Array.from(dense, line => dots([line], 1, vector)[0]),
      all[c],
    ),
  )
  return { values: Array.from(all.subarray(0, wanted)), vectors, residual: largest(residuals), products: 0 }
}

/** ‖Wx − θx‖ */
function residualOf(x: Float64Array, product: Float64Array, value: number): number {
  let sum = 0
  for (let row = 0; row < x.length; row++) {
    const difference = product[row] - value * x[row]
    sum += difference * difference
  }
  return Math.sqrt(sum)
}

const largest = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => Math.max(a, b), 0)

/** The vector or its negative, whichever has its largest component (the first of equals) positive. */
function fixSign(vector: Float64Array): Float64Array {
  const peak = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
  return peak < 0 ? vector.map(value => -value) : vector
}

function notConverged(residual: number, products: number, wanted: number): RunError {
  return new RunError(
    `the ${wanted} eigenvectors of the structural view are not found after ${products} products: residual ` +
      `${residual.toExponential(1)}, wanted ${RESIDUAL_LIMIT}; ask for fewer (option eigenvectors)`,
  )
}
