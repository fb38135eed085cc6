import { expect, it } from 'vitest'
import { ndcg } from '../../src/metrics/ndcg.ts'

it('discounts a hit by the binary logarithm of its place plus one', () => {
  const ideal = 1 + 1 / Math.log2(3) + 1 / 2
  expect(ndcg.value({ hits: [0, 1, 1, 0], truth: 3, k: 4 })).toBeCloseTo((1 / Math.log2(3) + 1 / 2) / ideal, 12)
})

it('compares with the best list of K places when more is held out', () => {
  expect(ndcg.value({ hits: [1, 1], truth: 10, k: 2 })).toBe(1)
  expect(ndcg.value({ hits: [0, 1], truth: 10, k: 2 })).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12)
})

it('goes beyond the table of discounts', () => {
  const hits = Array(2000).fill(0).with(1500, 1)
  expect(ndcg.value({ hits, truth: 1, k: 2000 })).toBeCloseTo(1 / Math.log2(1502), 12)
})
