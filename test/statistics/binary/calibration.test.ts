import { describe, expect, it } from 'vitest'
import { derive, randomStream } from '../../../src/random.ts'
import { fitIsotonic, stepAt } from '../../../src/statistics/binary/isotonic.ts'
import { exponential, fitPlatt, logisticAt } from '../../../src/statistics/binary/platt.ts'

describe('fitIsotonic', () => {
  it('by hand: neighbours out of order are pooled', () => {
    expect(fitIsotonic([1, 2, 3, 4, 5], [0, 1, 0, 1, 1])).toEqual({ x: [1, 2, 3, 4, 5], y: [0, 0.5, 0.5, 1, 1] })
  })

  it('a long fall is pooled whole, also into what stood in order before it', () => {
    expect(fitIsotonic([1, 2, 3, 4], [1, 1, 0, 0])).toEqual({ x: [1, 4], y: [0.5, 0.5] })
  })

  it('equal scores are one point, in whatever order the cases stand', () => {
    const expected = { x: [0, 1], y: [1 / 3, 1] }
    expect(fitIsotonic([1, 0, 0, 0], [1, 0, 1, 0])).toEqual(expected)
    expect(fitIsotonic([0, 0, 1, 0], [0, 0, 1, 1])).toEqual(expected)
  })

  it('is never falling, and its mean is that of the cases', () => {
    const random = randomStream(derive(1, 'isotonic'))
    const scores = Array.from({ length: 200 }, () => random.below(30))
    const truth = scores.map(score => Number(random.below(30) < score))
    const steps = fitIsotonic(scores, truth)
    steps.y.slice(1).forEach((value, at) => {
      expect(value).toBeGreaterThanOrEqual(steps.y[at])
    })
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length
    expect(mean(scores.map(score => stepAt(steps, score)))).toBeCloseTo(mean(truth), 12)
  })

  it('is straight between the points and flat beyond', () => {
    const steps = { x: [1, 3], y: [0.2, 0.6] }
    expect([0, 1, 2, 3, 9].map(score => stepAt(steps, score))).toEqual([0.2, 0.2, 0.4, 0.6, 0.6])
  })
})

describe('fitPlatt', () => {
  it('two scores: the curve goes through the smoothed shares', () => {
    // at 0: 1 of 4 positive, at 1: 3 of 4; targets 5/6 and 1/6 make it (5/6 + 3 · 1/6) / 4 = 1/3 and 2/3
    const curve = fitPlatt([0, 0, 0, 0, 1, 1, 1, 1], [1, 0, 0, 0, 1, 1, 1, 0])
    expect(logisticAt(curve, 0)).toBeCloseTo(1 / 3, 9)
    expect(logisticAt(curve, 1)).toBeCloseTo(2 / 3, 9)
    expect(curve.slope).toBeCloseTo(2 * Math.log(2), 8)
    expect(curve.offset).toBeCloseTo(-Math.log(2), 8)
  })

  it('classes that are cleanly parted keep a finite slope', () => {
    const curve = fitPlatt([0, 0, 1, 1], [0, 0, 1, 1])
    expect(logisticAt(curve, 1)).toBeCloseTo(3 / 4, 6)
    expect(logisticAt(curve, 0)).toBeCloseTo(1 / 4, 6)
  })

  it('equal scores give the share, and no slope', () => {
    const curve = fitPlatt([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0])
    expect(logisticAt(curve, 0.5)).toBeCloseTo((2 / 3 + 3 / 5) / 4, 6)
  })

  it('finds the curve that the cases were drawn from, within 0.3', () => {
    const random = randomStream(derive(1, 'platt'))
    const scores = Array.from({ length: 20_000 }, () => random.uniform() * 4 - 1)
    const truth = scores.map(score => Number(random.uniform() < logisticAt({ slope: 3, offset: -2 }, score)))
    const { slope, offset } = fitPlatt(scores, truth)
    expect(Math.abs(slope - 3)).toBeLessThan(0.3)
    expect(Math.abs(offset + 2)).toBeLessThan(0.3)
  })
})

it('exponential: within 2e-13 of Math.exp, relative, for −30 to 0', () => {
  for (let x = -30; x <= 0; x += 0.37) expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(2e-13)
  expect([exponential(0), exponential(-1e9)]).toEqual([1, 0])
})
