/** Reference kernels over blocks of vectors. */
import type { Block, BlockKernels, Floats } from '../interface/kernels.ts'

export const blockKernels: BlockKernels = {
  gram(table, block, out) {
    const { width } = block
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++)
        out[i * width + j] = sumOver(block, row => table[row * width + i] * block.values[row * width + j])
  },
  rotateColumns({ rows, width, values }, factors, out) {
    for (let row = 0; row < rows; row++)
      for (let c = 0; c < width; c++)
        out.values[row * width + c] = sumByFours(width, i => factors[i * width + c] * values[row * width + i])
  },
  columnDots(block, column, out) {
    for (let c = 0; c < out.length; c++)
      out[c] = sumOver(block, row => valueAt(block, row, c) * valueAt(block, row, column))
  },
  addColumns(block, column, factors) {
    const { rows, width, values } = block
    for (let row = 0; row < rows; row++) {
      const at = row * width + column
      values[at] = sumByFours(column, c => factors[c] * valueAt(block, row, c), values[at])
    }
  },
  columnResiduals(block, table, values, out) {
    for (let c = 0; c < out.length; c++)
      out[c] = sumOver(block, row => (table[row * block.width + c] - values[c] * valueAt(block, row, c)) ** 2)
  },
  narrow: copyInto,
  widen: copyInto,
  chebyshevStep(product, current, out, { centre, half }, first) {
    for (let i = 0; i < out.length; i++) {
      const shifted = product[i] - centre * current[i]
      out[i] = first ? shifted / half : (2 / half) * shifted - out[i]
    }
  },
}

const valueAt = ({ width, values }: Block, row: number, column: number) => values[row * width + column]

function sumOver({ rows }: Block, term: (row: number) => number): number {
  let sum = 0
  for (let row = 0; row < rows; row++) sum += term(row)
  return sum
}

/** Four terms are summed before they are added, what is left over one by one. */
function sumByFours(count: number, term: (c: number) => number, start = 0): number {
  let sum = start
  let c = 0
  for (; c + 4 <= count; c += 4) sum += term(c) + term(c + 1) + term(c + 2) + term(c + 3)
  for (; c < count; c++) sum += term(c)
  return sum
}

function copyInto(from: Floats, to: Floats): void {
  to.set(from)
}
