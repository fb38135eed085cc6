import { expect, it } from 'vitest'
import { gini } from '../../src/metrics/gini.ts'

const catalogue = { items: 4, users: 3, popularity: [] }

it('is 0 when every item is listed equally often', () => {
  expect(gini.value({ k: 2, stride: 2, items: Int32Array.from([0, 1, 2, 3]), catalogue })).toBe(0)
})

it('is 1 − 1/I when it is always the same item', () => {
  expect(gini.value({ k: 1, stride: 1, items: Int32Array.from([2, 2, 2]), catalogue })).toBe(1 - 1 / 4)
})

it('is half the relative mean difference of the counts', () => {
  // counts 0, 0, 1, 3: Σ |x − y| over all ordered pairs is 20, so 20 / (2 · 4² · 1)
  expect(gini.value({ k: 2, stride: 2, items: Int32Array.from([0, 1, 0, -1, 0, -1]), catalogue })).toBe(20 / 32)
})

it('is NaN for empty lists', () => {
  expect(gini.value({ k: 1, stride: 1, items: Int32Array.from([-1]), catalogue })).toBeNaN()
})
