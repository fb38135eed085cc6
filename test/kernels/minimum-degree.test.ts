import { describe, expect, it } from 'vitest'
import { eliminateSparsest, patternOf } from '../../src/kernels/minimum-degree.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { randomFloats } from '../support/toy.ts'

/** Symmetric, with ones where rows are linked. */
function linked(n: number, links: readonly (readonly [number, number])[]): Float32Array {
  const matrix = new Float32Array(n * n)
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1
  for (const [i, j] of links) matrix[i * n + j] = matrix[j * n + i] = 1
  return matrix
}

function eliminated(matrix: Float32Array, n: number, share: number): [row: number, columns: number[]][] {
  const visits: [number, number[]][] = []
  eliminateSparsest(patternOf(matrix, n, n), share, (row, columns) => visits.push([row, [...columns]]))
  return visits
}

/** The same with sets. */
function bySets(matrix: Float32Array, n: number, share: number): [row: number, columns: number[]][] {
  const rows = new Map(Array.from({ length: n }, (_, i) => [i, new Set<number>()]))
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j && matrix[i * n + j]) rows.get(i)!.add(j)
  const visits: [number, number[]][] = []
  while (rows.size > 0) {
    const [row, columns] = [...rows].reduce((least, one) => (one[1].size < least[1].size ? one : least))
    if (columns.size > share * rows.size) break
    visits.push([row, [...columns].sort((a, b) => a - b)])
    rows.delete(row)
    for (const i of columns) {
      for (const j of columns) if (i !== j) rows.get(i)!.add(j)
      rows.get(i)!.delete(row)
    }
  }
  return visits
}

describe('eliminateSparsest', () => {
  it('takes the leaves of a star before its hub, which is then a leaf itself', () => {
    const star = linked(4, [
      [1, 0],
      [1, 2],
      [1, 3],
    ])
    expect(eliminated(star, 4, 1)).toEqual([
      [0, [1]],
      [2, [1]],
      [1, [3]],
      [3, []],
    ])
  })

  it('links what a row was linked to, and stops where too many are left', () => {
    const ring = linked(5, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 0],
    ])
    expect(eliminated(ring, 5, 0.4)).toEqual([[0, [1, 4]]])
    expect(eliminated(ring, 5, 0.5)).toEqual([
      [0, [1, 4]],
      [1, [2, 4]],
    ])
  })

  it('goes by degrees with everything that was filled in, on 150 random rows', () => {
    const n = 150
    const noise = randomFloats(createReferenceKernels(), n * n, 3)
    const links = Array.from({ length: n * n }, (_, at) => [Math.floor(at / n), at % n] as const)
    const matrix = linked(
      n,
      links.filter(([i, j]) => j < i && Math.abs(noise[i * n + j]) < 0.04),
    )
    const visits = eliminated(matrix, n, 0.5)
    expect(visits).toEqual(bySets(matrix, n, 0.5))
    expect(visits.length).toBeGreaterThan(60)
    expect(visits.length).toBeLessThan(n)
    expect(visits.some(([row, columns]) => columns.some(column => matrix[row * n + column] === 0))).toBe(true)
  })
})
