/** The columns of a block of vectors: made orthonormal, filled, taken out. */
import type { Block, Kernels } from '../kernels/interface/kernels.ts'
import type { RandomStream } from '../random.ts'

/** Vectors one by one, in ordinary memory. */
export type Columns = readonly Float64Array[]

/** A block of zeros in kernel memory; `width` is a multiple of 4. */
export function createBlock({ memory }: Kernels, rows: number, width: number): Block {
  return { rows, width, values: memory.doubles(rows * width) }
}

/**
 * Makes the columns orthonormal in place, in their order: Gram–Schmidt, every column twice. A column that depends on
 * those before it gives way to a random one.
 * @source Giraud, Langou, Rozložník, van den Eshof, Numer. Math. 101 (2005): twice is enough
 */
export function orthonormalize(block: Block, random: RandomStream, kernels: Kernels): void {
  kernels.memory.scope(() => {
    const factors = kernels.memory.doubles(block.width)
    for (let column = 0; column < block.width; column++)
      while (!orthonormalizeOne(block, column, factors.subarray(0, column), kernels))
        fillRandomly(block, column, random)
  })
}

function orthonormalizeOne(block: Block, column: number, factors: Float64Array, kernels: Kernels): boolean {
  const before = normOf(block, column)
  for (let pass = 0; pass < 2; pass++) {
    kernels.columnDots(block, column, factors)
    for (let c = 0; c < column; c++) factors[c] = -factors[c]
    kernels.addColumns(block, column, factors)
  }
  const after = normOf(block, column)
  // single-precision products leave nothing below 1e-6 but noise
  if (!(after > 1e-6 * before)) return false
  const { values, width } = block
  for (let at = column; at < values.length; at += width) values[at] /= after
  return true
}

export function fillRandomly({ values, width }: Block, column: number, random: RandomStream): void {
  for (let at = column; at < values.length; at += width) values[at] = 2 * random.uniform() - 1
}

function normOf({ values, width }: Block, column: number): number {
  let sum = 0
  for (let at = column; at < values.length; at += width) sum += values[at] * values[at]
  return Math.sqrt(sum)
}

/** The first `count` columns, in ordinary memory. */
export function takeColumns({ rows, width, values }: Block, count: number): Columns {
  return Array.from({ length: count }, (_, c) =>
    Float64Array.from({ length: rows }, (_, row) => values[row * width + c]),
  )
}
