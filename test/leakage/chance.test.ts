import { describe, expect, it } from 'vitest'
import { describeChance, hypergeometricLowerTail, logGamma, poissonLowerTail } from '../../src/leakage/chance.ts'

describe('chance', () => {
  it('logGamma is the logarithm of factorials, within 1e-12', () => {
    for (const [x, factorial] of [
      [1, 1],
      [5, 24],
      [11, 3_628_800],
      [0.5, Math.sqrt(Math.PI)],
    ])
      expect(Math.abs(logGamma(x) - Math.log(factorial))).toBeLessThan(1e-12)
  })

  it('hypergeometric: 2 of 5 drawn, 2 of the 5 special: none with chance 3/10, at most one with 9/10', () => {
    expect(10 ** hypergeometricLowerTail(0, 5, 2, 2)).toBeCloseTo(0.3, 12)
    expect(10 ** hypergeometricLowerTail(1, 5, 2, 2)).toBeCloseTo(0.9, 12)
    expect(hypergeometricLowerTail(2, 5, 2, 2)).toBe(0)
    // four of five drawn cannot leave out both
    expect(hypergeometricLowerTail(0, 5, 2, 4)).toBe(Number.NEGATIVE_INFINITY)
  })

  it('poisson: none at mean 2 with chance e^-2, at most one with 3 e^-2; nothing is odd at mean 0', () => {
    expect(10 ** poissonLowerTail(0, 2)).toBeCloseTo(Math.exp(-2), 12)
    expect(10 ** poissonLowerTail(1, 2)).toBeCloseTo(3 * Math.exp(-2), 12)
    expect(poissonLowerTail(0, 0)).toBe(0)
  })

  it('goes far below the smallest double', () => {
    expect(poissonLowerTail(0, 10_000)).toBeCloseTo(-10_000 / Math.LN10, 6)
  })

  it('is said in words', () => {
    expect([-0.5, -119.2, Number.NEGATIVE_INFINITY].map(describeChance)).toEqual([
      'p = 0.32',
      'by chance 1 in 10^119',
      'impossible by chance',
    ])
  })
})
