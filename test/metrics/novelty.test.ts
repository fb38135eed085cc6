import { expect, it } from 'vitest'
import { novelty } from '../../src/metrics/novelty.ts'

const catalogue = { items: 4, users: 16, popularity: [16, 4, 1, 0] }

it('is the mean number of bits in meeting a listed item', () => {
  expect(novelty.value({ k: 2, stride: 2, items: Int32Array.from([0, 1, 1, 2]), catalogue })).toBe((0 + 2 + 2 + 4) / 4)
})

it('takes an item without users as one with a single user', () => {
  expect(novelty.value({ k: 1, stride: 1, items: Int32Array.from([3]), catalogue })).toBe(4)
})

it('is NaN for empty lists', () => {
  expect(novelty.value({ k: 1, stride: 1, items: Int32Array.from([-1]), catalogue })).toBeNaN()
})
