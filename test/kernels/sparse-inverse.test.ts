import { describe, expect, it } from 'vitest'
import type { Floats, Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { invertSparse } from '../../src/kernels/sparse-inverse.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { randomFloats } from '../support/toy.ts'

const STRIDE = 200
const N = 198

/** Row 0 is on all others, and row i on i − 1 where `chain`: the row and column of a hub are full, the rest is nearly empty. */
function entries(chain: boolean): Float64Array {
  const noise = randomFloats(createReferenceKernels(), N, 1)
  const values = new Float64Array(N * N)
  for (let i = 0; i < N; i++) {
    values[i * N + i] = i === 0 ? N : 3
    if (i > 0) values[i] = values[i * N] = Math.fround(noise[i])
    if (chain && i > 1) values[i * N + i - 1] = values[(i - 1) * N + i] = Math.fround(noise[N - i])
  }
  return values
}

/** What `invertSparse` leaves in columns 0 … N − 1, and how many rows the kernel had to invert. */
function invert(kernels: Kernels, values: Float64Array): { inverse: Floats; left: number; padding: number } {
  const matrix = kernels.memory.floats(N * STRIDE)
  for (let i = 0; i < N; i++) for (let j = 0; j < N; j++) matrix[i * STRIDE + j] = values[i * N + j]
  let left = -1
  const watched: Kernels = {
    ...kernels,
    invertPositiveDefinite(own, n) {
      left = n
      kernels.invertPositiveDefinite(own, n)
    },
  }
  invertSparse(watched, matrix, N, STRIDE)
  const inverse = Float32Array.from({ length: N * N }, (_, at) => matrix[Math.floor(at / N) * STRIDE + (at % N)])
  let padding = 0
  for (let i = 0; i < N; i++) padding += Math.abs(matrix[i * STRIDE + N]) + Math.abs(matrix[i * STRIDE + N + 1])
  return { inverse, left, padding }
}

/** The largest element of A P − I. */
function residual(values: Float64Array, inverse: Floats): number {
  let largest = 0
  for (let i = 0; i < N; i++)
    for (let j = 0; j < N; j++) {
      let sum = i === j ? -1 : 0
      for (let k = 0; k < N; k++) sum += values[i * N + k] * inverse[k * N + j]
      largest = Math.max(largest, Math.abs(sum))
    }
  return largest
}

describe('invertSparse', () => {
  for (const create of [createReferenceKernels, createKernels])
    for (const chain of [false, true]) {
      const kernels = create()
      it(`${kernels.name}: inverts a hub ${chain ? 'with a chain' : 'alone'}, and most of it by single pivots`, () => {
        const values = entries(chain)
        const { inverse, left, padding } = invert(kernels, values)
        expect(residual(values, inverse)).toBeLessThan(2e-5)
        expect(left).toBeLessThan(N / 2)
        expect(padding).toBe(0)
        for (let i = 0; i < N; i++) for (let j = 0; j < i; j++) expect(inverse[i * N + j]).toBe(inverse[j * N + i])
      })
    }

  it('leaves a full matrix to the kernel, with its bits', () => {
    const values = Float64Array.from({ length: N * N }, (_, at) => (at % (N + 1) === 0 ? 2 : 1))
    const kernels = createKernels()
    const { inverse, left } = invert(kernels, values)
    const whole = kernels.memory.copy(Float32Array.from(values))
    kernels.invertPositiveDefinite(whole, N)
    expect(left).toBe(N)
    expect(inverse).toEqual(Float32Array.from(whole))
  })

  it('inverts a diagonal', () => {
    const values = Float64Array.from({ length: N * N }, (_, at) => (at % (N + 1) === 0 ? 4 : 0))
    const { inverse, left } = invert(createKernels(), values)
    expect(left).toBe(0)
    expect(inverse).toEqual(Float32Array.from(values, value => value / 16))
  })

  it('recovers rows by the reference and by the kernels: within 1e-6 of each other', () => {
    const values = entries(true)
    const [truth, fast] = [createReferenceKernels(), createKernels()].map(kernels => invert(kernels, values).inverse)
    expect(Math.max(...truth.map((value, at) => Math.abs(value - fast[at])))).toBeLessThan(1e-6)
  })

  it('names a pivot that is not positive', () => {
    const values = entries(false)
    values[5 * N + 5] = -3
    expect(() => invert(createKernels(), values)).toThrow(/not positive definite: pivot \d+ is -3/)
  })

  it('gives the same bits on two threads', () => {
    const [one, two] = [createKernels(), createKernels({ threads: 2, pieceCost: 1 })]
    const values = entries(true)
    expect(invert(two, values).inverse).toEqual(invert(one, values).inverse)
    two.close()
  })
})
