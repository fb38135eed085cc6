import { expect, it } from 'vitest'
import { mrr } from '../../src/metrics/mrr.ts'

it('is one over the place of the first hit', () => {
  expect(mrr.value({ hits: [0, 0, 1, 1], truth: 2, k: 4 })).toBe(1 / 3)
  expect(mrr.value({ hits: [1, 0, 0, 0], truth: 2, k: 4 })).toBe(1)
  expect(mrr.value({ hits: [0, 0, 1, 1], truth: 2, k: 2 })).toBe(0)
})
