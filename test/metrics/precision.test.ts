import { expect, it } from 'vitest'
import { precision } from '../../src/metrics/precision.ts'

it('is the share of the K places that are hits', () => {
  expect(precision.value({ hits: [0, 1, 0, 1, 0], truth: 4, k: 5 })).toBe(2 / 5)
  expect(precision.value({ hits: [1, 1, 0, 0], truth: 2, k: 2 })).toBe(1)
})

it('is below 1 when fewer than K items are held out', () => {
  expect(precision.value({ hits: [1, 0, 0, 0], truth: 1, k: 4 })).toBe(1 / 4)
})
