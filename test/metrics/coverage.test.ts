import { expect, it } from 'vitest'
import { coverage } from '../../src/metrics/coverage.ts'

it('counts the different items of all lists', () => {
  const catalogue = { items: 8, users: 3, popularity: [] }
  expect(coverage.value({ k: 2, stride: 2, items: Int32Array.from([0, 1, 1, 5, -1, -1]), catalogue })).toBe(3 / 8)
})
