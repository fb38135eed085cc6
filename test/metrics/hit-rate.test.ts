import { expect, it } from 'vitest'
import { hitRate } from '../../src/metrics/hit-rate.ts'

it('is 1 with at least one hit among the first K', () => {
  expect(hitRate.value({ hits: [0, 0, 1, 1], truth: 9, k: 3 })).toBe(1)
  expect(hitRate.value({ hits: [0, 0, 1, 1], truth: 9, k: 2 })).toBe(0)
})
