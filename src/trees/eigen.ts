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
import type { Block, CsrMatrix, Floats, Kernels } from '../kernels/interface/kernels.ts'
import { type Key, randomStream } from '../random.ts'
import { type Columns, createBlock, fillRandomly, orthonormalize, takeColumns } from './columns.ts'

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
  let block = createBlock(kernels, rows, width)
  let spare = createBlock(kernels, rows, width)
  const tables = {
    x: memory.floats(rows * width),
    product: memory.floats(rows * width),
    next: memory.floats(rows * width),
  }
  const random = randomStream(key)
  for (let column = 0; column < width; column++) fillRandomly(block, column, random)

  for (;;) {
    signal?.throwIfAborted()
    orthonormalize(block, random, kernels)
    kernels.narrow(block.values, tables.x)
    multiply(tables.x, tables.product)
    const values = rayleighRitz(block, tables.product, spare, kernels)
    ;[block, spare] = [spare, block]
    // once more for the rotated vectors: their true residuals, and the filter's first step
    kernels.narrow(block.values, tables.x)
    multiply(tables.x, tables.product)
    const residuals = residualsOf(block, tables.product, values.subarray(0, wanted), kernels)
    progress?.(residuals.filter(residual => residual <= RESIDUAL_LIMIT).length, wanted)
    const residual = largest(residuals)
    if (residual <= RESIDUAL_LIMIT)
      return {
        values: Array.from(values.subarray(0, wanted)),
        vectors: takeColumns(block, wanted),
        residual,
        products,
      }
    if (products >= mostProducts) throw notConverged(residual, products, wanted)
    kernels.widen(filter(tables, values, multiply, kernels), block.values)
    await setImmediate()
  }
}

/**
 * Rotates an orthonormal block to the eigenvectors of the matrix seen within it.
 * @param product the matrix times the block
 * @returns their eigenvalues, descending
 */
export function rayleighRitz(block: Block, product: Floats, out: Block, kernels: Kernels): Float64Array {
  const { width } = block
  const { memory } = kernels
  return memory.scope(() => {
    const projected = memory.doubles(width ** 2)
    kernels.gram(product, block, projected)
    const at = (i: number, j: number) => projected[i * width + j]
    const symmetric = Array.from({ length: width }, (_, i) =>
      Float64Array.from({ length: width }, (_, j) => (at(i, j) + at(j, i)) / 2),
    )
    const { values, rotation } = decompose(symmetric)
    const factors = memory.doubles(width ** 2)
    for (let c = 0; c < width; c++) for (let i = 0; i < width; i++) factors[i * width + c] = rotation[c][i]
    kernels.rotateColumns(block, factors, out)
    return values
  })
}

/** ‖Wx − θx‖ of the first columns, one for each of `values`. */
function residualsOf(block: Block, product: Floats, values: Float64Array, kernels: Kernels): Float64Array {
  const { memory } = kernels
  return memory.scope(() => {
    const own = memory.doubles(block.width)
    own.set(values)
    const squares = memory.doubles(values.length)
    kernels.columnResiduals(block, product, own, squares)
    return Float64Array.from(squares, Math.sqrt)
  })
}

/** All eigenpairs of a small dense symmetric matrix, descending. */
export function decompose(matrix: Columns): { values: Float64Array; rotation: Columns } {
  const dense = new Matrix(matrix.map(row => Array.from(row)))
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(dense, { assumeSymmetric: true })
  const order = realEigenvalues.map((_, c) => c).sort((a, b) => realEigenvalues[b] - realEigenvalues[a])
  return {
    values: Float64Array.from(order, c => realEigenvalues[c]),
    rotation: order.map(c => Float64Array.from(eigenvectorMatrix.getColumn(c))),
  }
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
  kernels: Kernels,
): Floats {
  // where more eigenvalues coincide than the block has columns, the smallest Ritz value is one of the wanted
  const bound = Math.max(-0.99, Math.min(ritz[ritz.length - 1], ritz[0] - 1e-3))
  const interval = { centre: (bound - 1) / 2, half: (bound + 1) / 2 }
  const { product } = tables
  let previous = tables.x
  let current = tables.next
  kernels.chebyshevStep(product, previous, current, interval, true)
  for (let degree = degreeOf((1 - interval.centre) / interval.half); degree > 1; degree--) {
    multiply(current, product)
    kernels.chebyshevStep(product, current, previous, interval, false)
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
  const residuals = vectors.map((vector, c) => residualOf(dense, vector, all[c]))
  return { values: Array.from(all.subarray(0, wanted)), vectors, residual: largest(residuals), products: 0 }
}

/** ‖Wx − θx‖ */
function residualOf(matrix: Columns, x: Float64Array, value: number): number {
  let sum = 0
  matrix.forEach((line, row) => {
    let product = 0
    for (let column = 0; column < x.length; column++) product += line[column] * x[column]
    const difference = product - value * x[row]
    sum += difference * difference
  })
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
