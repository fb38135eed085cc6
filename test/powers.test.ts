import { describe, expect, it } from 'vitest'
import { power, wholePower } from '../src/powers.ts'

describe('powers without Math.pow', () => {
  it.each([0.3, 0.5, 0.7, 1 / 3, 1.5, 2.71, 3.999])('base^%d: within 1e-14 of Math.pow', exponent => {
    for (const base of [0, 1e-6, 0.37, 1, 2, 17, 12_345])
      expect(Math.abs(power(base, exponent) - base ** exponent)).toBeLessThanOrEqual(1e-14 * base ** exponent)
  })

  it('eighths are products of one root, exact where roots are', () => {
    expect(power(256, 0.125)).toBe(2)
    expect(power(256, 1.375)).toBe(2 ** 11)
    expect(power(7, 0)).toBe(1)
    const root = Math.sqrt(Math.sqrt(Math.sqrt(7)))
    expect(power(7, 0.375)).toBe(root * root * root)
  })

  it('whole exponents, by squaring', () => {
    expect(wholePower(3, 0)).toBe(1)
    expect(wholePower(3, 13)).toBe(3 ** 13)
    expect(wholePower(0.5, 1000)).toBe(2 ** -1000)
  })
})
