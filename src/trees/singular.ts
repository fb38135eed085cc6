/** The space of the largest singular vectors of normalised interactions. */

import { degreesOf } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { CsrMatrix, Floats, Kernels } from '../kernels/interface/kernels.ts'
import { type Key, randomStream } from '../random.ts'
import { createBlock, fillRandomly, orthonormalize } from './columns.ts'
import { decompose, rayleighRitz } from './eigen.ts'

/** Up to so many items all vectors are found at once. */
const DENSE_ITEMS = 64
/** Between two of the rounds the block is made orthonormal again; more turn the last vectors only. */
const ROUNDS = 2
const PRODUCTS = 3

/**
 * Right singular vectors of R̃ = D_U^{−1/2} R D_I^{−1/2}: [I × count], those of the largest singular values, in kernel memory. The last ones are
 * approximate; what is projected to their space hardly moves.
 * @param count at most; fewer where there are no more items, always a multiple of 4, and zeros fill it up
 * @source Halko, Martinsson, Tropp: "Finding structure with randomness", SIAM Review 53 (2011), subspace iteration
 */
export function singularVectors(
  train: Dataset,
  count: number,
  kernels: Kernels,
  key: Key,
): { vectors: Floats; columns: number } {
  const { memory } = kernels
  const { items } = train
  const wanted = Math.min(count, items)
  const columns = Math.ceil(wanted / 4) * 4
  const vectors = memory.floats(items * columns)
  const keep = (read: (row: number, column: number) => number, found: number) => {
    for (let row = 0; row < items; row++)
      for (let column = 0; column < Math.min(wanted, found); column++)
        vectors[row * columns + column] = read(row, column)
  }
  if (items <= DENSE_ITEMS) {
    const { rotation } = decompose(squareOf(train))
    keep((row, column) => rotation[column][row], items)
    return { vectors, columns }
  }
  memory.scope(() => {
    const width = Math.min(Math.ceil((1.25 * wanted) / 16), Math.floor(items / 16)) * 16
    const [toItems, toUsers] = normalized(train, kernels)
    const random = randomStream(key)
    const [block, spare] = [createBlock(kernels, items, width), createBlock(kernels, items, width)]
    const [x, between] = [memory.floats(items * width), memory.floats(train.users * width)]
    const multiply = () => {
      kernels.spmm(toUsers, x, between, width)
      kernels.spmm(toItems, between, x, width)
    }
    for (let column = 0; column < width; column++) fillRandomly(block, column, random)
    kernels.narrow(block.values, x)
    for (let round = 0; round < ROUNDS; round++) {
      for (let product = 0; product < PRODUCTS; product++) multiply()
      kernels.widen(x, block.values)
      orthonormalize(block, random, kernels)
      kernels.narrow(block.values, x)
    }
    multiply()
    rayleighRitz(block, x, spare, kernels)
    keep((row, column) => spare.values[row * width + column], width)
  })
  return { vectors, columns }
}

/** R̃ᵀ and R̃. */
function normalized(train: Dataset, { memory }: Kernels): [CsrMatrix, CsrMatrix] {
  const [users, items] = [degreesOf(train.byUser), degreesOf(train.byItem)]
  const scaled = ({ offsets, indices }: Dataset['byUser'], own: Int32Array, other: Int32Array): CsrMatrix => {
    const values = memory.floats(indices.length)
    for (let row = 0; row + 1 < offsets.length; row++)
      for (let entry = offsets[row]; entry < offsets[row + 1]; entry++)
        values[entry] = 1 / Math.sqrt(own[row] * other[indices[entry]])
    return { offsets: memory.copy(offsets), indices: memory.copy(indices), values }
  }
  return [scaled(train.byItem, items, users), scaled(train.byUser, users, items)]
}

/** R̃ᵀR̃, dense. */
function squareOf({ users, items, byUser, byItem }: Dataset): Float64Array[] {
  const degrees = degreesOf(byItem)
  const square = Array.from({ length: items }, () => new Float64Array(items))
  for (let user = 0; user < users; user++) {
    const own = columnsOf(byUser, user)
    for (const i of own) for (const j of own) square[i][j] += 1 / (own.length * Math.sqrt(degrees[i] * degrees[j]))
  }
  return square
}
