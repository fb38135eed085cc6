import { describe, expect, it } from 'vitest'
import { compareMethods, compareWithin, comparisonOptions } from '../../src/comparison/compare.ts'
import type { ComparedMethod } from '../../src/comparison/paired.ts'

const method = (name: string, ...seeds: number[][]): ComparedMethod => ({
  name,
  bySeed: { recall: seeds.map(values => Float64Array.from(values)) },
})
const options = comparisonOptions.parse({ permutations: 1000 })
const compare = (...pairs: [ComparedMethod, ComparedMethod][]) =>
  compareMethods({ pairs, metrics: ['recall'], options })

describe('a paired comparison', () => {
  it('of two methods over four users: by hand', async () => {
    const [row] = await compare([method('a', [1, 0.5, 0.5, 0]), method('b', [0.5, 0.5, 0, 0.25])])
    // differences ½, 0, ½, −¼: mean 3/16, variance ((5/16)² + (3/16)² + (5/16)² + (7/16)²) / 3 = 9/64
    expect(row).toMatchObject({
      method: 'a',
      against: 'b',
      metric: 'recall',
      means: [0.5, 0.3125],
      difference: 0.1875,
      effectSize: 0.5,
      users: { better: 2, worse: 1, same: 1 },
      // of ±½ ±½ ±¼, sums of at least ¾ in size: all four with equal signs before the quarter
      p: 0.5,
      holm: 0.5,
      falseDiscovery: 0.5,
    })
    expect(row.interval.low).toBeGreaterThanOrEqual(-0.25)
    expect(row.interval.high).toBeLessThanOrEqual(0.5)
    expect(row).not.toHaveProperty('bySeed')
    expect(row.resampled).toBe('users')
  })

  it('draws seeds as well where one of the two has several', async () => {
    // no user differs from another, so that all there is to draw is one of two seeds
    const [row] = await compare([method('a', [1, 1], [0.5, 0.5]), method('b', [0.5, 0.5])])
    expect(row).toMatchObject({ difference: 0.25, interval: { low: 0, high: 0.5 }, resampled: 'users and seeds' })
    // what both have of a seed is one draw
    const [paired] = await compare([method('a', [1, 1], [0.5, 0.5]), method('b', [0.75, 0.75], [0.25, 0.25])])
    expect(paired.interval).toEqual({ low: 0.25, high: 0.25 })
  })

  it('averages each user over the seeds, and says the difference of every seed', async () => {
    const [row] = await compare([method('a', [1, 0], [0.5, 0.5]), method('b', [0, 0.5], [0.25, 0.25])])
    expect(row).toMatchObject({ means: [0.5, 0.25], difference: 0.25, bySeed: [0.25, 0.25] })
    expect(row.users).toEqual({ better: 1, worse: 1, same: 0 })
    const [single] = await compare([method('a', [1, 0], [0.5, 0.5]), method('b', [0.5, 0])])
    expect(single.bySeed).toEqual([0.25, 0.25])
    const [uneven] = await compare([method('a', [1, 0], [0, 0]), method('b', [1, 0], [0, 0], [0, 0])])
    expect(uneven).not.toHaveProperty('bySeed')
  })

  it('sees no difference in the last bit of a mean over seeds', async () => {
    const [row] = await compare([method('a', [0.1, 0.7], [0.1, 0.7], [0.1, 0.7]), method('b', [0.1, 0.7])])
    expect(row).toMatchObject({ difference: 0, users: { better: 0, worse: 0, same: 2 }, p: 1, effectSize: 0 })
  })

  it('corrects p over all pairs and metrics of the table, and gives the same bits again', async () => {
    const values = [1, 2, 4, 8, 16, 32].map(value => value / 64)
    const zero = method(
      'zero',
      values.map(() => 0),
    )
    const pairs: [ComparedMethod, ComparedMethod][] = [
      [method('a', values), zero],
      [method('b', values.with(5, -0.5)), zero],
    ]
    const rows = await compare(...pairs)
    expect(rows.map(({ p }) => p)).toEqual([2 / 64, 1])
    expect(rows.map(({ holm, falseDiscovery }) => [holm, falseDiscovery])).toEqual([
      [4 / 64, 4 / 64],
      [1, 1],
    ])
    expect(await compare(...pairs)).toEqual(rows)
  })

  it('refuses columns that are not along the same users', async () => {
    await expect(compare([method('a', [1, 2]), method('b', [1])])).rejects.toThrow(
      'a and b: 2 and 1 users cannot be paired; evaluate both on the same split',
    )
  })

  it('stops when it is told to, and says how far it is', async () => {
    const pairs = [[method('a', [1]), method('b', [0])]] as const
    const request = { pairs, metrics: ['recall'], options }
    await expect(compareMethods({ ...request, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
    const seen: number[][] = []
    await compareMethods({ ...request, progress: (done, total) => seen.push([done, total]) })
    // the samples first, then one by one
    expect(seen).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
    ])
  })
})

describe('a comparison within a group', () => {
  it('leaves out users that do not enter', async () => {
    const pairs = [[method('a', [1, Number.NaN, 0.5]), method('b', [0.5, Number.NaN, 0])]] as const
    expect(await compareWithin(pairs, 'recall', options)).toEqual([
      { method: 'a', against: 'b', metric: 'recall', users: 2, means: [0.75, 0.25], difference: 0.5, interval: { low: 0.5, high: 0.5 }, resampled: 'users' },
    ]) // biome-ignore format: one row
  })

  it('stops when it is told to', async () => {
    const pairs = [[method('a', [1]), method('b', [0])]] as const
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(compareWithin(pairs, 'recall', options, signal)).rejects.toThrow('enough')
  })
})
