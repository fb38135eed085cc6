import { expect, it } from 'vitest'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { directau } from '../../src/objectives/directau.ts'
import { vectorSetting } from '../contracts/vector-objective.ts'

const D = 8

/** Alignment and uniformity in plain numbers. */
function naive({ vectors, batch }: ReturnType<typeof vectorSetting>) {
  const unit = (values: ArrayLike<number>, at: number) => {
    const row = Array.from({ length: D }, (_, d) => values[at * D + d])
    const norm = Math.hypot(...row)
    return row.map(value => value / norm)
  }
  const distance = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + (value - b[d]) ** 2, 0)
  const range = Array.from({ length: batch.size }, (_, b) => b)
  const uniformity = (rows: number[][]) => {
    const pairs = range.flatMap(a => range.slice(a + 1).map(b => Math.exp(-2 * distance(rows[a], rows[b]))))
    return Math.log(pairs.reduce((sum, value) => sum + value, 0) / pairs.length)
  }
  const users = range.map(b => unit(vectors.users, b))
  const items = range.map(b => unit(vectors.positives, b))
  return { aligned: range.map(b => distance(users[b], items[b])), spread: (uniformity(users) + uniformity(items)) / 2 }
}

it('directau is alignment, weighted by the pair, plus γ times the mean uniformity', () => {
  const weights = [1, 0.5, 3, 0, 1, 0.25]
  const setting = vectorSetting(directau, { uniformity: 0.7 }, createReferenceKernels('f64'), { weights })
  const { aligned, spread } = naive(setting)
  const { loss, gradients } = setting.run()
  weights.forEach((weight, b) => {
    expect(loss[b]).toBeCloseTo(weight * aligned[b] + 0.7 * spread, 9)
  })
  expect(gradients.negatives.every(value => value === 0)).toBe(true)
})
