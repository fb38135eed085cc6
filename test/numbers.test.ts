import { describe, expect, it } from 'vitest'
import {
  bytes,
  change,
  compact,
  decimal,
  duration,
  formatCount,
  level,
  listOf,
  money,
  percent,
  plural,
  probability,
  roughCount,
  seconds,
  signed,
} from '../src/numbers.ts'

describe('numbers', () => {
  it('lists a few of many names, each cut', () => {
    expect(listOf([])).toBe('')
    expect(listOf(['a', 'b'], 2)).toBe('a, b')
    expect(
      listOf(
        Array.from({ length: 1_000_000 }, (_, at) => `c${at}`),
        2,
      ),
    ).toBe('c0, c1 and 999,998 more')
    expect(listOf(['x'.repeat(1000)])).toBe(`${'x'.repeat(60)}…`)
  })

  it('writes numbers for people', () => {
    expect(formatCount(171621)).toBe('171,621')
    expect(decimal(0.16694)).toBe('0.1669')
    expect([0.00123, -0.0008, 0.00004, -0.00004].map(value => signed(value))).toEqual([
      '+0.0012',
      '−0.0008',
      '0.0000',
      '0.0000',
    ])
    expect(percent(41207, 301200)).toBe('13.7 %')
    expect([0.041, 1.44, 88.24, 742.4, 12345.6].map(seconds)).toEqual(['0.04', '1.4', '88.2', '742', '12,346'])
    expect([0.5, 59.94, 247, 12345].map(duration)).toEqual(['0.50 s', '59.9 s', '4 min 7 s', '3 h 26 min'])
    expect([999, 1183422, 33.6e9, 2e15].map(bytes)).toEqual(['999 B', '1.18 MB', '33.6 GB', '2000 TB'])
  })

  it('writes a dash for what is not a number, and for JSON’s null', () => {
    const nothing = [Number.NaN, Number.POSITIVE_INFINITY, null, undefined]
    for (const write of [formatCount, decimal, signed, seconds, duration, bytes]) {
      expect(nothing.map(value => write(value))).toEqual(['–', '–', '–', '–'])
    }
    expect(percent(0, 0)).toBe('–')
  })

  it('writes what terminals and sentences need', () => {
    expect([0.16941, -0.0008, 1.5, Number.NaN].map(compact)).toEqual(['.1694', '-.0008', '1.5000', '–'])
    expect([0.00123, -0.0008].map(value => signed(value, compact))).toEqual(['+.0012', '−.0008'])
    expect([change(0.2, 0.21), change(0.2, 0.19), change(-2, -1), change(0, 1)]).toEqual([
      '+5.0 %',
      '−5.0 %',
      '+50.0 %',
      '–',
    ])
    expect([probability(0.00001), probability(0.03124), probability(0.00001, compact)]).toEqual([
      '<0.0001',
      '0.0312',
      '<.0001',
    ])
    expect([level(0.95), level(0.999), level(0.12345, 3)]).toEqual(['95 %', '99.9 %', '12.345 %'])
    expect([840, 16_400, 1_240_000].map(roughCount)).toEqual(['840', '16 k', '1.2 M'])
    expect([plural(1, 'user'), plural(1200, 'user')]).toEqual(['1 user', '1,200 users'])
  })

  it('never takes an unknown cost for none', () => {
    expect([money(undefined, 'EUR'), money(1, undefined)]).toEqual(['unknown', 'unknown'])
    expect([0.00123, 1.5, 250].map(cost => money(cost, 'EUR'))).toEqual(['0.0012 EUR', '1.50 EUR', '250 EUR'])
  })
})
