import { describe, expect, it } from 'vitest'
import {
  bytes,
  count,
  decimal,
  duration,
  metricName,
  metricValue,
  percent,
  seconds,
  signed,
} from '../../src/report/page/format.ts'

describe('format', () => {
  it('writes numbers for people', () => {
    expect(count(171621)).toBe('171,621')
    expect(decimal(0.16694)).toBe('0.1669')
    expect([0.00123, -0.0008, 0.00004, -0.00004].map(signed)).toEqual(['+0.0012', '−0.0008', '0.0000', '0.0000'])
    expect(percent(41207, 301200)).toBe('13.7 %')
    expect([0.041, 1.44, 88.24, 742.4, 12345.6].map(seconds)).toEqual(['0.04', '1.4', '88.2', '742', '12,346'])
    expect([0.5, 59.94, 247, 12345].map(duration)).toEqual(['0.50 s', '59.9 s', '4 min 7 s', '3 h 26 min'])
    expect([999, 1183422, 33.6e9, 2e15].map(bytes)).toEqual(['999 B', '1.18 MB', '33.6 GB', '2000 TB'])
  })

  it('writes a dash for what is not a number, and for JSON’s null', () => {
    const nothing = [Number.NaN, Number.POSITIVE_INFINITY, null, undefined]
    for (const write of [count, decimal, signed, seconds, duration, bytes]) {
      expect(nothing.map(value => write(value))).toEqual(['–', '–', '–', '–'])
    }
    expect(percent(0, 0)).toBe('–')
  })

  it('knows the metrics’ names', () => {
    expect(metricName('hit-rate@20')).toEqual({ label: 'Hit rate', name: 'hit-rate', cutoff: 20 })
    expect(metricName('ndcg@5').label).toBe('NDCG')
    expect(metricName('auc')).toEqual({ label: 'Auc', name: 'auc' })
    expect(metricValue('novelty@10', 9.2314)).toBe('9.23')
    expect(metricValue('recall@10', 0.2)).toBe('0.2000')
  })
})
