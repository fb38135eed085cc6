import { expect, it } from 'vitest'
import { map } from '../../src/metrics/map.ts'

it('adds the precision at each hit and divides by the truth', () => {
  expect(map.value({ hits: [1, 0, 1, 0], truth: 3, k: 4 })).toBeCloseTo((1 / 1 + 2 / 3) / 3, 12)
})

it('divides by K when more is held out', () => {
  expect(map.value({ hits: [1, 1], truth: 10, k: 2 })).toBe(1)
})
