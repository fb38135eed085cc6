import { describe, expect, it } from 'vitest'
import type { Floats, Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createStrips, invertStrips, type Strips, stripRow } from '../../src/kernels/strips.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { randomFloats } from '../support/toy.ts'

/** A dominant diagonal, and NaN above it: nobody must read there. */
function symmetric(kernels: Kernels, n: number) {
  const matrix = kernels.memory.floats(n * n)
  const random = randomFloats(createReferenceKernels(), n * n, n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      matrix[i * n + j] = j > i ? Number.NaN : random[i * n + j] + (i === j ? 2 * Math.sqrt(n) : 0)
  return matrix
}

function stripsOf(matrix: ArrayLike<number>, n: number, height: number): Strips {
  const strips = createStrips(n, height)
  for (let row = 0; row < n; row++)
    stripRow(strips, row).set(Array.from({ length: n }, (_, column) => matrix[row * n + column]))
  return strips
}

const lower = (n: number, valueAt: (i: number, j: number) => number) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: i + 1 }, (_, j) => valueAt(i, j))).flat()

function invertedInOnePiece(kernels: Kernels, n: number): number[] {
  const matrix = symmetric(kernels, n)
  kernels.invertPositiveDefinite(matrix, n)
  return lower(n, (i, j) => matrix[i * n + j])
}

function invertedInStrips(kernels: Kernels, n: number, height: number, stopAfter = 0): number[] {
  const strips = stripsOf(symmetric(kernels, n), n, height)
  let inversion = invertStrips(kernels, strips)
  while (inversion.done < stopAfter) inversion.step()
  if (stopAfter > 0) {
    const later = createKernels()
    const { w, v } = inversion.panels
    const panels = { w: later.memory.copy(w), v: later.memory.copy(v) }
    inversion = invertStrips(later, strips, { done: inversion.done, panels })
  }
  while (inversion.done < inversion.steps) inversion.step()
  return lower(n, (i, j) => -stripRow(strips, i)[j])
}

describe('invertPositiveDefinite of 1541 rows, by Strassen', () => {
  const N = 1541
  const inverted = (kernels: Kernels, room?: Floats) => {
    const matrix = symmetric(kernels, N)
    const before = kernels.memory.usage.bytes
    kernels.invertPositiveDefinite(matrix, N, room)
    return { matrix, taken: kernels.memory.usage.peakBytes - before }
  }
  const one = inverted(createKernels())
  const isEqual = ({ matrix }: typeof one) => matrix.every((value, at) => value === one.matrix[at])

  it('is within 1e-7 of the strips, which have none, the largest element being 0.02', () => {
    const strips = stripsOf(symmetric(createKernels(), N), N, 1024)
    const inversion = invertStrips(createKernels(), strips)
    while (inversion.done < inversion.steps) inversion.step()
    let [largest, different] = [0, 0]
    for (let row = 0; row < N; row++)
      stripRow(strips, row)
        .subarray(0, row + 1)
        .forEach((value, column) => {
          const difference = Math.abs(one.matrix[row * N + column] + value)
          if (difference > 0) different++
          // NaN is not small
          if (!(difference <= largest)) largest = difference
        })
    expect(largest).toBeLessThan(1e-7)
    expect(different).toBeGreaterThan(N)
    expect(one.matrix[0]).toBeGreaterThan(0.01)
  })

  it('has the same bits on three threads', () => {
    const kernels = createKernels({ threads: 3, pieceCost: 1 })
    expect(isEqual(inverted(kernels))).toBe(true)
    kernels.close()
  })

  it('has the same bits in room that is handed over, and takes less memory', () => {
    const kernels = createKernels()
    const given = inverted(kernels, kernels.memory.floats(N * 2304).fill(Number.NaN))
    expect(isEqual(given)).toBe(true)
    expect(given.taken).toBeLessThan(2 ** 20)
    expect(one.taken).toBeGreaterThan(2 ** 23)
  })

  it('names a pivot of the second block of a pair', () => {
    const kernels = createKernels()
    const matrix = kernels.memory.floats(N * N)
    for (let row = 0; row < N; row++) matrix[row * N + row] = row === 1400 ? -2 : 1
    expect(() => kernels.invertPositiveDefinite(matrix, N)).toThrow('pivot 1400 is -2')
  })
})

describe('invertPositiveDefinite', () => {
  it.each([257, 515])('reads nothing that its room held before, %i rows', n => {
    const kernels = createKernels()
    const matrix = symmetric(kernels, n)
    kernels.invertPositiveDefinite(matrix, n, kernels.memory.floats(n * 1024).fill(Number.NaN))
    expect(lower(n, (i, j) => matrix[i * n + j])).toEqual(invertedInOnePiece(createKernels(), n))
  })
})

describe('invertStrips', () => {
  it.each([
    [1, 256],
    [256, 256],
    [257, 256],
    [300, 512],
    [515, 256],
    [777, 256],
    [550, 512],
  ])('%i rows in strips of %i: the bits of one piece', (n, height) => {
    expect(invertedInStrips(createKernels(), n, height)).toEqual(invertedInOnePiece(createKernels(), n))
  })

  it('gives the same bits on three threads', () => {
    const kernels = createKernels({ threads: 3, pieceCost: 1 })
    expect(invertedInStrips(kernels, 600, 256)).toEqual(invertedInOnePiece(createKernels(), 600))
    kernels.close()
  })

  it.each([1, 3, 4, 8])('gives the same bits where it is stopped after %i of 9 steps', done => {
    expect(invertedInStrips(createKernels(), 515, 256, done)).toEqual(invertedInOnePiece(createKernels(), 515))
  })

  it('by the reference: within 1e-6 of its Cholesky, the strips being f32', () => {
    const [n, height] = [75, 32]
    const one = invertedInOnePiece(createReferenceKernels(), n)
    const kernels = createReferenceKernels()
    const strips = stripsOf(symmetric(kernels, n), n, height)
    const inversion = invertStrips(kernels, strips)
    while (inversion.done < inversion.steps) inversion.step()
    const largest = Math.max(...lower(n, (i, j) => Math.abs(-stripRow(strips, i)[j] - one[(i * (i + 1)) / 2 + j])))
    expect(largest).toBeLessThan(1e-6)
  })

  it('names the pivot that is not positive, in its own strip', () => {
    const strips = createStrips(600, 256)
    for (let row = 0; row < 600; row++) stripRow(strips, row)[row] = row === 590 ? -2 : 1
    const inversion = invertStrips(createKernels(), strips)
    expect(() => {
      for (;;) inversion.step()
    }).toThrow('the matrix is not positive definite: pivot 590 is -2; raise the regularization')
  })
})
