import { expect, it } from 'vitest'
import { recall } from '../../src/metrics/recall.ts'

it('is the share of the held-out items that were found', () => {
  expect(recall.value({ hits: [0, 1, 0, 1, 0], truth: 4, k: 5 })).toBe(2 / 4)
  expect(recall.value({ hits: [0, 1, 0, 1, 0], truth: 4, k: 3 })).toBe(1 / 4)
})

it('stays below 1 when more than K items are held out', () => {
  expect(recall.value({ hits: [1, 1], truth: 5, k: 2 })).toBe(2 / 5)
})
