/** Coordinates in which items are near each other when a matrix has them near, without waiting for eigenvectors. */
import type { CsrMatrix, Kernels } from '../kernels/interface/kernels.ts'
import { type Key, randomStream } from '../random.ts'
import { createBlock, fillRandomly, orthonormalize } from './columns.ts'

/**
 * A Q, where Q is an orthonormal basis [n × columns] that some products with A have turned towards its largest eigenvectors: the inner
 * products of its rows are those of A² within that space, and cosines do not hang on the basis.
 * @param matrix A [n × n], symmetric, in kernel memory
 * @param columns a multiple of 16
 * @returns [n × columns] in ordinary memory
 * @source Halko, Martinsson, Tropp: "Finding structure with randomness", SIAM Review 53 (2011), subspace iteration
 */
export function subspaceCoordinates(
  matrix: CsrMatrix,
  columns: number,
  products: number,
  kernels: Kernels,
  key: Key,
): Float32Array {
  const { memory } = kernels
  const rows = matrix.offsets.length - 1
  return memory.scope(() => {
    const block = createBlock(kernels, rows, columns)
    const [x, product] = [memory.floats(rows * columns), memory.floats(rows * columns)]
    const random = randomStream(key)
    // a small matrix has no more directions than rows: the other columns stay zero
    const used = Math.min(columns, rows)
    for (let column = 0; column < used; column++) fillRandomly(block, column, random)
    for (let round = 0; round < products; round++) {
      if (used === columns) orthonormalize(block, random, kernels)
      kernels.narrow(block.values, x)
      kernels.spmm(matrix, x, product, columns)
      kernels.widen(product, block.values)
    }
    return Float32Array.from(product)
  })
}
