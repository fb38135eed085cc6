/** Rows of vectors, as the reference kernels need them. */
import type { Floats, Tables } from '../interface/kernels.ts'

export const rowOf = (table: Floats, row: number, dimensions: number) =>
  table.subarray(row * dimensions, (row + 1) * dimensions)
export const pooledRow = ({ pooled, dimensions }: Tables, node: number) => rowOf(pooled, node, dimensions)
export const hopRow = ({ hop, users, items, dimensions }: Tables, h: number, node: number) =>
  rowOf(hop, h * (users + items) + node, dimensions)

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d]
  return sum
}

export function addScaled(target: Floats, source: Floats, scale: number): void {
  for (let d = 0; d < target.length; d++) target[d] += scale * source[d]
}
