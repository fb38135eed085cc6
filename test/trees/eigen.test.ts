import fc from 'fast-check'
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import type { CsrMatrix, Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { derive, randomStream } from '../../src/random.ts'
import { type Columns, createBlock, orthonormalize, takeColumns } from '../../src/trees/columns.ts'
import { largestEigenpairs, RESIDUAL_LIMIT } from '../../src/trees/eigen.ts'

/** The normalised adjacency of an undirected graph with weights. */
function graphOf(nodes: number, edges: readonly (readonly [a: number, b: number, weight: number])[]): CsrMatrix {
  const rows = Array.from({ length: nodes }, () => new Map<number, number>())
  for (const [a, b, weight] of edges) {
    rows[a].set(b, weight)
    rows[b].set(a, weight)
  }
  const entries = rows.map(row => [...row].sort(([a], [b]) => a - b))
  const offsets = new Int32Array(nodes + 1)
  entries.forEach((row, node) => {
    offsets[node + 1] = offsets[node] + row.length
  })
  const matrix = {
    offsets,
    indices: Int32Array.from(entries.flatMap(row => row.map(([node]) => node))),
    values: Float32Array.from(entries.flatMap(row => row.map(([, weight]) => weight))),
  }
  createReferenceKernels().normalizeSymmetrically(matrix)
  return matrix
}

const ring = (nodes: number) =>
  graphOf(
    nodes,
    Array.from({ length: nodes }, (_, a) => [a, (a + 1) % nodes, 1]),
  )

function randomGraph(nodes: number, edges: number): CsrMatrix {
  const random = randomStream(derive(1, 'graph'))
  const pairs = Array.from(
    { length: edges },
    () => [random.below(nodes), random.below(nodes), 1 + random.below(9)] as const,
  )
  return graphOf(
    nodes,
    pairs.filter(([a, b]) => a !== b),
  )
}

function cliques(count: number, size: number): CsrMatrix {
  const edges: [number, number, number][] = []
  for (let first = 0; first < count * size; first += size)
    for (let a = first; a < first + size; a++) for (let b = first; b < a; b++) edges.push([a, b, 1])
  return graphOf(count * size, edges)
}

function multiply({ offsets, indices, values }: CsrMatrix, x: Float64Array): Float64Array {
  return x.map((_, row) => {
    let sum = 0
    for (let e = offsets[row]; e < offsets[row + 1]; e++) sum += values[e] * x[indices[e]]
    return sum
  })
}

function largestResidual(matrix: CsrMatrix, values: readonly number[], vectors: readonly Float64Array[]): number {
  const residuals = vectors.map((x, c) => Math.hypot(...multiply(matrix, x).map((y, row) => y - values[c] * x[row])))
  return Math.max(...residuals)
}

const key = derive(1, 'eigen test')
const copyOf = ({ offsets, indices, values }: CsrMatrix, { memory }: Kernels): CsrMatrix => ({
  offsets: memory.copy(offsets),
  indices: memory.copy(indices),
  values: memory.copy(values),
})
const solve = (matrix: CsrMatrix, count: number, kernels = createKernels()) =>
  largestEigenpairs({ matrix: copyOf(matrix, kernels), count, kernels, key })

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, row) => sum + value * b[row], 0)

/** The columns after they were made orthonormal. */
function orthonormalized(columns: readonly (readonly number[])[], kernels = createKernels()): Columns {
  const block = createBlock(kernels, columns[0].length, columns.length)
  columns.forEach((column, c) => {
    for (const [row, value] of column.entries()) block.values[row * block.width + c] = value
  })
  orthonormalize(block, randomStream(key), kernels)
  return takeColumns(block, block.width)
}

describe('orthonormalize', () => {
  it('leaves columns orthonormal within 1e-12, dependent ones replaced', () => {
    const value = fc.integer({ min: -3, max: 3 })
    const column = fc.array(value, { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(fc.array(column, { minLength: 8, maxLength: 8 }), given => {
        const columns = orthonormalized(given)
        for (const [c, own] of columns.entries())
          for (const [other, column] of columns.entries())
            expect(Math.abs(dot(own, column) - Number(other === c))).toBeLessThan(1e-12)
      }),
    )
  })

  it('goes over columns twice: nearly parallel ones end orthogonal within 1e-14', () => {
    const random = randomStream(key)
    const first = Array.from({ length: 50 }, () => random.uniform())
    const columns = orthonormalized([
      first,
      ...[1, 2, 3].map(() => first.map(value => value + 1e-5 * random.uniform())),
    ])
    for (const c of [1, 2, 3])
      for (const before of columns.slice(0, c)) expect(Math.abs(dot(before, columns[c]))).toBeLessThan(1e-14)
  })

  it('keeps the span of the first columns, whatever the kernels', () => {
    const given = [2, 5, 1, 1].map((value, c) => [value, c ? 3 : 0, c > 1 ? c : 0, c > 2 ? 4 : 0])
    for (const kernels of [createKernels(), createReferenceKernels()])
      expect(orthonormalized(given, kernels)).toEqual(
        [0, 1, 2, 3].map(c => Float64Array.from({ length: 4 }, (_, row) => Number(row === c))),
      )
  })
})

describe('largestEigenpairs of a small graph', () => {
  it('a path of three nodes, by hand', async () => {
    // W of the path a–b–c: eigenvalues 1, 0, −1
    const { values, vectors } = await solve(
      graphOf(3, [
        [0, 1, 1],
        [1, 2, 1],
      ]),
      3,
    )
    for (const [c, expected] of [1, 0, -1].entries()) expect(values[c]).toBeCloseTo(expected, 6)
    const half = Math.sqrt(0.5)
    for (const [row, expected] of [0.5, half, 0.5].entries()) expect(vectors[0][row]).toBeCloseTo(expected, 6)
  })

  it('of all pairs when fewer rows than asked for; none of none', async () => {
    expect((await solve(cliques(1, 4), 33)).values).toHaveLength(4)
    expect((await solve(graphOf(0, []), 33)).values).toHaveLength(0)
    expect((await solve(graphOf(2, []), 33)).values).toEqual([0, 0])
  })
})

describe.each([
  ['wasm', () => createKernels()],
  ['reference f64', () => createReferenceKernels()],
])('largestEigenpairs by filtered iteration, %s kernels', (_name, kernels) => {
  const matrix = randomGraph(400, 1600)

  it('agrees with a dense decomposition within 1e-6', async () => {
    const dense = Matrix.zeros(400, 400)
    for (let row = 0; row < 400; row++)
      for (let e = matrix.offsets[row]; e < matrix.offsets[row + 1]; e++)
        dense.set(row, matrix.indices[e], matrix.values[e])
    const expected = new EigenvalueDecomposition(dense, { assumeSymmetric: true }).realEigenvalues.reverse()
    const { values, vectors, residual, products } = await solve(matrix, 33, kernels())
    expect(products).toBeGreaterThan(0)
    values.forEach((value, c) => {
      expect(Math.abs(value - expected[c])).toBeLessThan(1e-6)
    })
    expect(residual).toBeLessThanOrEqual(RESIDUAL_LIMIT)
    expect(Math.abs(largestResidual(matrix, values, vectors) - residual)).toBeLessThan(1e-6)
  })

  it('vectors are orthonormal within 1e-6, their largest components positive', async () => {
    const { vectors } = await solve(matrix, 33, kernels())
    vectors.forEach((vector, c) => {
      for (const [other, column] of vectors.entries())
        expect(Math.abs(dot(vector, column) - Number(other === c))).toBeLessThan(1e-6)
      const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
      expect(largest).toBeGreaterThan(0)
    })
  })
})

describe('largestEigenpairs of difficult graphs', () => {
  it('more components than the block has columns: all eigenvalues 1', async () => {
    // beside eigenvalue 1 there are cos(2π k / 20), from which the filter has to part it
    const rings = Array.from({ length: 200 * 20 }, (_, node) => {
      const place = node % 20
      return [node, node - place + ((place + 1) % 20), 1] as const
    })
    const matrix = graphOf(200 * 20, rings)
    const { values, vectors } = await solve(matrix, 33)
    for (const value of values) expect(Math.abs(value - 1)).toBeLessThan(1e-6)
    expect(largestResidual(matrix, values, vectors)).toBeLessThanOrEqual(RESIDUAL_LIMIT)
  })

  it('a ring, whose eigenvalues crowd below 1, within 1e-5', async () => {
    const { values, residual } = await solve(ring(1500), 33)
    values.forEach((value, c) => {
      expect(Math.abs(value - Math.cos((2 * Math.PI * Math.ceil(c / 2)) / 1500))).toBeLessThan(1e-5)
    })
    expect(residual).toBeLessThanOrEqual(RESIDUAL_LIMIT)
  })

  it('no edges: eigenvalues 0', async () => {
    const { values, residual } = await solve(graphOf(300, []), 5)
    expect(values.every(value => Math.abs(value) < 1e-12)).toBe(true)
    expect(residual).toBeLessThan(1e-12)
  })
})

it('the same key gives the same bits', async () => {
  const matrix = randomGraph(300, 900)
  expect(await solve(matrix, 17)).toEqual(await solve(matrix, 17))
})

it('says what it found when the residual stays too large', async () => {
  const kernels = createKernels()
  const request = { matrix: copyOf(ring(600), kernels), count: 33, kernels, key, mostProducts: 1 }
  await expect(largestEigenpairs(request)).rejects.toThrow(
    /^the 33 eigenvectors of the structural view are not found after 2 products: residual \d.*e-\d, wanted 0\.0001; ask for fewer \(option eigenvectors\)$/,
  )
})

it('stops when aborted, and gives its memory back', async () => {
  const kernels = createKernels()
  const matrix = copyOf(ring(600), kernels)
  const { bytes } = kernels.memory.usage
  const request = { matrix, count: 33, kernels, key, signal: AbortSignal.abort(new Error('enough')) }
  await expect(largestEigenpairs(request)).rejects.toThrow('enough')
  expect(kernels.memory.usage.bytes).toBe(bytes)
})
