import { inverse, Matrix } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { RunError } from '../../src/errors.ts'
import type { Floats, Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { randomFloats } from '../support/toy.ts'

/** X Xᵀ / n + I / 4 for a random X [n × n], rounded to f32; eigenvalues lie in about [0.25, 1.6]. */
function positiveDefinite(n: number): Matrix {
  const x = new Matrix(Array.from({ length: n }, (_, i) => [...randomFloats(createReferenceKernels(), n, i)]))
  const product = x.mmul(x.transpose()).div(n).add(Matrix.eye(n).mul(0.25))
  return product.apply((i, j) => product.set(i, j, Math.fround(product.get(i, j))))
}

/** The inverse by a backend, which is given NaN above the diagonal: it must not read there. */
function invert(kernels: Kernels, matrix: Matrix): Floats {
  const n = matrix.rows
  const values = kernels.memory.floats(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) values[i * n + j] = j <= i ? matrix.get(i, j) : Number.NaN
  kernels.invertPositiveDefinite(values, n)
  return values
}

function largestDifference(a: Floats, b: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]))
  return largest
}

describe('invertPositiveDefinite', () => {
  for (const n of [1, 3, 4, 8, 63, 64, 65, 130, 256, 257, 300]) {
    it(`n = ${n}: within 1e-5 of ml-matrix and, up to 130, of the reference`, () => {
      const matrix = positiveDefinite(n)
      const actual = invert(createKernels(), matrix)
      expect(largestDifference(actual, inverse(matrix).to1DArray())).toBeLessThan(1e-5)
      if (n <= 130) expect(largestDifference(actual, invert(createReferenceKernels(), matrix))).toBeLessThan(1e-5)
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) expect(actual[i * n + j]).toBe(actual[j * n + i])
    })
  }

  it('gives the same bits again', () => {
    const matrix = positiveDefinite(130)
    expect(invert(createKernels(), matrix)).toEqual(invert(createKernels(), matrix))
  })

  it('leaves no scratch behind', () => {
    const kernels = createKernels()
    const values = kernels.memory.copy(Float32Array.from([4]))
    const before = kernels.memory.usage.bytes
    kernels.invertPositiveDefinite(values, 1)
    expect(kernels.memory.usage.bytes).toBe(before)
    expect([...values]).toEqual([0.25])
  })

  for (const kernels of [createReferenceKernels(), createKernels()]) {
    it(`${kernels.name}: names the pivot that is not positive`, () => {
      const values = kernels.memory.copy(Float32Array.from([4, 0, 0, 2, 1, 0, 0, 0, 1]))
      expect(() => kernels.invertPositiveDefinite(values, 3)).toThrow(
        new RunError('the matrix is not positive definite: pivot 1 is 0; raise the regularization'),
      )
    })

    it(`${kernels.name}: names a pivot beyond the first block`, () => {
      const values = kernels.memory.floats(300 * 300)
      for (let i = 0; i < 300; i++) values[i * 300 + i] = i === 270 ? -2 : 1
      expect(() => kernels.invertPositiveDefinite(values, 300)).toThrow('pivot 270 is -2')
    })
  }

  it('refuses NaN', () => {
    const kernels = createKernels()
    expect(() => kernels.invertPositiveDefinite(kernels.memory.floats(4).fill(Number.NaN), 2)).toThrow('pivot 0 is NaN')
  })
})
