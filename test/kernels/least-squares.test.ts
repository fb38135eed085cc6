import { Matrix, solve } from 'ml-matrix'
import { expect, it } from 'vitest'
import { columnsOf } from '../../src/kernels/csr.ts'
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { randomDataset, randomFloats } from '../support/toy.ts'

/** a strip of 32 columns, and one of 4 */
const D = 36
const [USERS, ITEMS] = [40, 30]
const met = randomDataset(USERS, ITEMS, 0.2).byUser
const ridgeOf = (row: number) => 0.3 + 0.05 * (row % 7)

/** Vectors of the users after some steps; the Gram matrix is that of the items. */
function improved(kernels: Kernels, steps: number, weighted = false) {
  const { memory } = kernels
  const [x, y] = [randomFloats(kernels, USERS * D, 1), randomFloats(kernels, ITEMS * D, 2)]
  const gram = memory.floats(D * D)
  kernels.multiply(y, y, gram, { rows: D, inner: ITEMS, columns: D, transposed: true })
  const ridges = memory.copy(Float32Array.from({ length: USERS }, (_, row) => ridgeOf(row)))
  const values = Float32Array.from(met.indices, (_, entry) => (1 + (entry % 5)) / 2)
  const rows = { ...residentPattern(memory, met), ...(weighted && { values: memory.copy(values) }) }
  kernels.improveRows(x, y, rows, gram, ridges, { dimensions: D, steps })
  return { x, y }
}

it('improveRows: within 1e-5 of the reference, with any number of threads the same to the bit', () => {
  for (const [steps, weighted] of [[0], [1], [3], [3, true]] as [number, boolean?][]) {
    const { x: expected } = improved(createReferenceKernels('f64'), steps, weighted)
    const { x } = improved(createKernels(), steps, weighted)
    expected.forEach((value, at) => {
      expect(Math.abs(x[at] - value)).toBeLessThan(1e-5)
    })
    const threaded = createKernels({ threads: 3, pieceCost: 100 })
    try {
      expect(improved(threaded, steps, weighted).x).toEqual(x)
    } finally {
      threaded.close()
    }
  }
})

it('improveRows with D steps solves each row: within 1e-6 of ml-matrix, rows without entries included', () => {
  const kernels = createReferenceKernels('f64')
  const { x, y } = improved(kernels, D)
  const rowOf = (item: number) => [...y.subarray(item * D, (item + 1) * D)]
  const all = new Matrix(Array.from({ length: ITEMS }, (_, item) => rowOf(item)))
  for (let user = 0; user < USERS; user++) {
    const own = [...columnsOf(met, user)].map(rowOf)
    const left = all
      .transpose()
      .mmul(all)
      .add(Matrix.eye(D).mul(Math.fround(ridgeOf(user))))
    for (const row of own) left.add(Matrix.columnVector(row).mmul(Matrix.rowVector(row)))
    const right = Array.from({ length: D }, (_, d) => own.reduce((sum, row) => sum + row[d], 0))
    solve(left, Matrix.columnVector(right))
      .to1DArray()
      .forEach((value, d) => {
        expect(Math.abs(x[user * D + d] - value)).toBeLessThan(1e-6)
      })
  }
})
