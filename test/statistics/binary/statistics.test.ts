import { describe, expect, it } from 'vitest'
import { derive, randomStream } from '../../../src/random.ts'
import { compareAuc } from '../../../src/statistics/binary/bootstrap.ts'
import { agreementOf, scoreDecisions } from '../../../src/statistics/binary/decisions.ts'
import { averagePrecision, rocAuc } from '../../../src/statistics/binary/ranking.ts'
import { reliabilityOf } from '../../../src/statistics/binary/reliability.ts'

describe('rocAuc', () => {
  it('by hand: 3 of 4 pairs of a positive and a negative are in order', () => {
    expect(rocAuc({ scores: [0.1, 0.4, 0.35, 0.8], truth: [0, 0, 1, 1] })).toBe(0.75)
  })

  it('equal scores are half right, in whatever order they stand', () => {
    // pairs: 2 > 1, 2 = 2, 1 = 1, 1 < 2
    const cases = { scores: [2, 1, 1, 2], truth: [1, 1, 0, 0] }
    expect(rocAuc(cases)).toBe(0.5)
    expect(rocAuc({ scores: [3, 3, 3], truth: [1, 0, 1] })).toBe(0.5)
    expect(rocAuc({ scores: [3, 3, 1], truth: [1, 0, 0] })).toBe(0.75)
  })

  it('is NaN with one class, or none', () => {
    expect(rocAuc({ scores: [1, 2], truth: [1, 1] })).toBeNaN()
    expect(rocAuc({ scores: [], truth: [] })).toBeNaN()
  })

  it('a weight of two is the case twice', () => {
    const weighted = rocAuc({ scores: [0.1, 0.4, 0.35, 0.8], truth: [0, 0, 1, 1], weights: [1, 2, 1, 0] })
    expect(weighted).toBe(rocAuc({ scores: [0.1, 0.4, 0.4, 0.35], truth: [0, 0, 0, 1] }))
  })

  it('equals the count over all pairs', () => {
    const random = randomStream(derive(1, 'auc'))
    const truth = Array.from({ length: 60 }, () => random.below(2))
    const scores = truth.map(value => random.below(5) + value)
    let right = 0
    let pairs = 0
    truth.forEach((positive, p) => {
      truth.forEach((negative, n) => {
        if (!positive || negative) return
        pairs++
        right += scores[p] > scores[n] ? 1 : scores[p] === scores[n] ? 0.5 : 0
      })
    })
    expect(rocAuc({ scores, truth })).toBeCloseTo(right / pairs, 14)
  })
})

describe('averagePrecision', () => {
  it("by hand, and scikit-learn's example", () => {
    // precision 1 at recall 1/2, 2/3 at recall 1
    expect(averagePrecision({ scores: [0.1, 0.4, 0.35, 0.8], truth: [0, 0, 1, 1] })).toBeCloseTo(
      0.5 + (0.5 * 2) / 3,
      14,
    )
  })

  it('equal scores are one step: the share of positives', () => {
    expect(averagePrecision({ scores: [1, 1, 1, 1], truth: [1, 0, 0, 0] })).toBe(0.25)
    expect(averagePrecision({ scores: [1], truth: [0] })).toBeNaN()
  })
})

describe('scoreDecisions', () => {
  it('by hand', () => {
    expect(scoreDecisions([1, 1, 1, 0, 0, 0], [1, 1, 0, 1, 0, 0])).toEqual({
      truePositives: 2,
      falsePositives: 1,
      trueNegatives: 2,
      falseNegatives: 1,
      precision: 2 / 3,
      recall: 2 / 3,
      falsePositiveRate: 1 / 3,
      f1: 2 / 3,
    })
  })

  it('shares of nothing are NaN', () => {
    const { precision, recall, falsePositiveRate } = scoreDecisions([0], [0])
    expect([precision, recall, falsePositiveRate]).toEqual([Number.NaN, Number.NaN, 0])
  })
})

describe('agreementOf', () => {
  it("Cohen's κ by hand: 35 of 50 the same, 0.5 by chance", () => {
    // 20 both yes, 15 both no, 5 only a, 10 only b
    const a = [...Array(20).fill(1), ...Array(15).fill(0), ...Array(5).fill(1), ...Array(10).fill(0)]
    const b = [...Array(20).fill(1), ...Array(15).fill(0), ...Array(5).fill(0), ...Array(10).fill(1)]
    const { cases, agreement, kappa } = agreementOf(a, b)
    expect([cases, agreement]).toEqual([50, 0.7])
    expect(kappa).toBeCloseTo(0.4, 14)
  })

  it('is 1 when both say the same of different cases, −1 when always the opposite, NaN without two words', () => {
    expect(agreementOf([1, 0], [1, 0]).kappa).toBe(1)
    expect(agreementOf([1, 0], [0, 1]).kappa).toBe(-1)
    expect(agreementOf([1, 1], [1, 1]).kappa).toBeNaN()
  })
})

describe('reliabilityOf', () => {
  it('by hand: two bins', () => {
    const { bins, expectedError, brier } = reliabilityOf([0.2, 0.4, 0.75, 1], [0, 1, 1, 1], 2)
    expect(bins.map(({ from, to, cases, share }) => [from, to, cases, share])).toEqual([
      [0, 0.5, 2, 0.5],
      [0.5, 1, 2, 1],
    ])
    expect(bins[0].confidence).toBeCloseTo(0.3, 14)
    // ½ · |0.3 − 0.5| + ½ · |0.875 − 1|
    expect(expectedError).toBeCloseTo(0.1625, 14)
    expect(brier).toBeCloseTo((0.04 + 0.36 + 0.0625) / 4, 14)
  })

  it('is without error when the confidence is the share, and leaves empty bins open', () => {
    const { bins, expectedError } = reliabilityOf([0.5, 0.5], [0, 1], 4)
    expect(expectedError).toBe(0)
    expect(bins.map(({ cases }) => cases)).toEqual([0, 0, 2, 0])
    expect(bins[0].share).toBeNaN()
  })
})

describe('compareAuc', () => {
  const random = randomStream(derive(2, 'cases'))
  const truth = Array.from({ length: 400 }, (_, at) => at % 2)
  const group = truth.map((_, at) => Math.floor(at / 4))
  const good = truth.map(value => value + 2 * random.uniform())
  const blind = truth.map(() => random.uniform())
  const compared = compareAuc([good, blind], { truth, group, groups: 100, seed: 1 })

  it('the interval holds the value; a blind score has chance in it, and is behind a good one', () => {
    const [first, second] = compared
    expect(first.interval.low).toBeLessThan(first.auc)
    expect(first.interval.high).toBeGreaterThan(first.auc)
    expect(first.interval.low).toBeGreaterThan(0.5)
    expect(second.interval.low).toBeLessThan(0.5)
    expect(second.interval.high).toBeGreaterThan(0.5)
    expect(first.lead).toBeUndefined()
    expect(second.lead!.value).toBeCloseTo(first.auc - second.auc, 14)
    expect(second.lead!.interval.low).toBeGreaterThan(0)
  })

  it('draws whole users: the same cases of fewer users say less', () => {
    const width = (perUser: number) => {
      // every user is wholly good or wholly blind
      const scores = truth.map((value, at) => (Math.floor(at / perUser) % 2 ? value : 1 - value))
      const users = truth.map((_, at) => Math.floor(at / perUser))
      const [{ interval }] = compareAuc([scores], { truth, group: users, groups: 400 / perUser, seed: 1 })
      return interval.high - interval.low
    }
    expect(width(40)).toBeGreaterThan(2 * width(4))
  })

  it('the same for a seed', () => {
    expect(compareAuc([good, blind], { truth, group, groups: 100, seed: 1 })).toEqual(compared)
    expect(compareAuc([good, blind], { truth, group, groups: 100, seed: 2 })).not.toEqual(compared)
  })

  it('equal scores lead by nothing', () => {
    const [, twin] = compareAuc([good, good], { truth, group, groups: 100, seed: 1 })
    expect(twin.lead).toEqual({ value: 0, interval: { low: 0, high: 0 } })
  })
})
