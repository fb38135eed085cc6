import fc from 'fast-check'
import { expect } from 'vitest'
import type { ListMetric, MetricDefinition, UserMetric } from '../../src/metrics/metric.ts'
import { contract, type Skip, type Test } from './contract.ts'

export interface Expectations {
  /** tests that do not apply, and why */
  readonly skip?: readonly Skip[]
}

/** What every metric must do. */
export function metricContract(metric: MetricDefinition, { skip = [] }: Expectations = {}): void {
  contract(`metric "${metric.name}"`, skip, test => {
    if (metric.kind === 'user') userMetricContract(metric, test)
    else listMetricContract(metric, test)
  })
}

/** A list of hits and a truth that it can have come from. */
const judgedLists = fc
  .tuple(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 30 }), fc.integer({ min: 0, max: 40 }), fc.nat())
  .map(([hits, missed, at]) => {
    const found = hits.filter(hit => hit === 1).length
    return { hits, truth: Math.max(1, found + missed), k: 1 + (at % hits.length) }
  })

function userMetricContract(metric: UserMetric, test: Test): void {
  test('in [0, 1]', () => {
    fc.assert(
      fc.property(judgedLists, list => {
        const value = metric.value(list)
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(1 + 1e-12)
      }),
      { seed: 1 },
    )
  })

  test('0 without a hit and 1 for nothing but hits', () => {
    expect(metric.value({ hits: [0, 0, 0], truth: 3, k: 3 })).toBe(0)
    expect(metric.value({ hits: [1, 1, 1], truth: 3, k: 3 })).toBeCloseTo(1, 12)
  })

  test('places after K do not count', () => {
    const list = { truth: 4, k: 2 }
    expect(metric.value({ ...list, hits: [1, 0, 1, 1] })).toBe(metric.value({ ...list, hits: [1, 0] }))
  })

  test('a hit one place earlier is never worse', () => {
    fc.assert(
      fc.property(judgedLists, fc.nat(), (list, at) => {
        const place = at % list.hits.length
        if (place === 0 || list.hits[place] === 0 || list.hits[place - 1] === 1) return
        const better = list.hits.with(place, 0).with(place - 1, 1)
        expect(metric.value({ ...list, hits: better })).toBeGreaterThanOrEqual(metric.value(list))
      }),
      { seed: 2 },
    )
  })
}

function listMetricContract(metric: ListMetric, test: Test): void {
  const catalogue = { items: 6, users: 8, popularity: [8, 4, 2, 1, 1, 0] }

  test('in [0, 1]', () => {
    const lists = fc.uniqueArray(fc.uniqueArray(fc.nat({ max: 5 }), { minLength: 4, maxLength: 4 }), {
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(lists, rows => {
        const value = metric.value({ k: 3, stride: 4, items: Int32Array.from(rows.flat()), catalogue })
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(1)
      }),
      { seed: 3 },
    )
  })

  test('places after K and empty places do not count', () => {
    const value = metric.value({ k: 2, stride: 2, items: Int32Array.from([0, 1, 2, 0]), catalogue })
    expect(metric.value({ k: 2, stride: 3, items: Int32Array.from([0, 1, 5, 2, 0, 4]), catalogue })).toBe(value)
    expect(metric.value({ k: 3, stride: 3, items: Int32Array.from([0, 1, -1, 2, 0, -1]), catalogue })).toBe(value)
  })
}
