import { describe, expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { percentileInterval, quantile, resampleMeans } from '../../src/statistics/bootstrap.ts'
import { benjaminiHochberg, holm } from '../../src/statistics/corrections.ts'
import { mean, pairedEffectSize, standardDeviation } from '../../src/statistics/moments.ts'
import { signFlipTest } from '../../src/statistics/permutation.ts'

/**
 * Figures marked "scipy" were computed once with scipy 1.17.1 on SAMPLE, whose values are exact in binary:
 * `bootstrap((x,), mean, n_resamples=200000, method='percentile')`,
 * `permutation_test((x,), mean, permutation_type='samples', n_resamples=200000)`, `false_discovery_control(p, method='bh')`.
 */
const SAMPLE = Float64Array.from({ length: 40 }, (_, i) => (((i * 37) % 41) - 18) / 64)

const kernels = createKernels()

describe('moments', () => {
  it('mean, sample deviation and d_z as numpy computes them', () => {
    expect(mean(SAMPLE)).toBe(0.0375)
    expect(standardDeviation(SAMPLE)).toBeCloseTo(0.18517522453625182, 14)
    expect(pairedEffectSize(SAMPLE)).toBeCloseTo(0.202510892555492, 14)
  })

  it('are not a number, zero or infinite where there is nothing to divide by', () => {
    expect(mean([])).toBeNaN()
    expect(standardDeviation([3])).toBeNaN()
    expect(pairedEffectSize([0, 0, 0])).toBe(0)
    expect(pairedEffectSize([0.5, 0.5])).toBe(Number.POSITIVE_INFINITY)
    expect(pairedEffectSize([0.5])).toBeNaN()
  })
})

describe('bootstrap intervals', () => {
  const options = { seed: 1, resamples: 20_000 }
  const draw = async (...columns: Float64Array[]) => (await resampleMeans([columns], options, kernels))[0]
  const variance = (values: Float64Array) => standardDeviation(values) ** 2

  it('within 0.003 of scipy: [−0.0191, 0.0938] at 95 %, [−0.0102, 0.0852] at 90 %', async () => {
    const means = await draw(SAMPLE)
    const { low, high } = percentileInterval(means, 0.95)
    expect(Math.abs(low + 0.019140625)).toBeLessThan(0.003)
    expect(Math.abs(high - 0.09375)).toBeLessThan(0.003)
    const narrow = percentileInterval(means, 0.9)
    expect(Math.abs(narrow.low + 0.01015625)).toBeLessThan(0.003)
    expect(Math.abs(narrow.high - 0.08515625)).toBeLessThan(0.003)
  })

  it('of two users: all four samples by hand', async () => {
    // the means of (0, 0), (0, 1), (1, 0), (1, 1) are 0, ½, ½, 1: the middle half of them is all at ½
    const means = await draw(Float64Array.of(0, 1))
    expect(percentileInterval(means, 0.4)).toEqual({ low: 0.5, high: 0.5 })
    expect(percentileInterval(means, 0.95)).toEqual({ low: 0, high: 1 })
  })

  it('draw the same users for every method, and the same for a seed', async () => {
    const [own, double] = await resampleMeans([[SAMPLE], [SAMPLE.map(value => 2 * value)]], options, kernels)
    expect(double).toEqual(own.map(mean => 2 * mean))
    expect(await draw(SAMPLE)).toEqual(own)
    expect(await resampleMeans([[SAMPLE]], { ...options, seed: 2 }, kernels)).not.toEqual([own])
  })

  it('are not a number without users', async () => {
    const means = await draw(new Float64Array(0))
    expect(percentileInterval(means, 0.95)).toEqual({ low: Number.NaN, high: Number.NaN })
  })

  it('of three seeds: variance s² / 3 within 0.01, by hand 1/3 (three draws of them would have 2/9)', async () => {
    const seeds = [0, 1, 2].map(value => new Float64Array(5).fill(value))
    expect(Math.abs(variance(await draw(...seeds)) - 1 / 3)).toBeLessThan(0.01)
  })

  it('of users and seeds: their variances add up, within 0.0002', async () => {
    const shifted = [0, 0.1].map(shift => SAMPLE.map(value => value + shift))
    const [users, seeds] = [variance(await draw(SAMPLE)), 0.1 ** 2 / 4]
    expect(Math.abs(variance(await draw(...shifted)) - users - seeds)).toBeLessThan(0.0002)
  })

  it('draw the same seeds for methods with as many, others for another number', async () => {
    const seeds = [0, 1, 2].map(value => new Float64Array(5).fill(value))
    const [own, same, fewer] = await resampleMeans([seeds, seeds.map(column => column.map(v => v + 1)), seeds.slice(1)], options, kernels) // biome-ignore format: one line
    expect(variance(same.map((mean, sample) => mean - own[sample]))).toBeLessThan(1e-12)
    const apart = variance(fewer.map((mean, sample) => mean - own[sample]))
    expect(Math.abs(apart - variance(own) - variance(fewer))).toBeLessThan(0.01)
  })

  it('let others have their turn, and end when the breather throws', async () => {
    const many = Array.from({ length: 2 }, () => new Float64Array(100_000))
    const seen: number[] = []
    const breathe = async (done: number) => {
      seen.push(done)
      if (done > 0) throw new Error('enough')
    }
    await expect(resampleMeans([many], options, kernels, breathe)).rejects.toThrow('enough')
    expect(seen).toEqual([0, 25])
  })

  it('quantiles as numpy has them: 1.3, 3 and 7.7', () => {
    const values = Float64Array.of(1, 2, 4, 8)
    expect([0.1, 0.5, 0.975].map(share => quantile(values, share))).toEqual([
      expect.closeTo(1.3, 12),
      3,
      expect.closeTo(7.7, 12),
    ])
  })
})

describe('sign-flip test', () => {
  const options = { seed: 1, permutations: 10_000 }

  it('goes through all signs of a few users: 2 of 8 by hand', () => {
    // ±1 ±2 ±4: only +++ and −−− reach |7|
    expect(signFlipTest(options, kernels)(Float64Array.of(1, 2, 4))).toBe(0.25)
    // 4 + 2 − 1 = 5 is reached by ±(1 2 4), ±(−1 2 4)
    expect(signFlipTest(options, kernels)(Float64Array.of(-1, 2, 4))).toBe(0.5)
  })

  it('exact, with a user without difference: scipy has 44 of 256', () => {
    expect(signFlipTest(options, kernels)(Float64Array.of(0.5, -0.25, 0.125, 0.75, 0, 0.375, -0.125, 0.25))).toBe(
      44 / 256,
    )
  })

  it('drawn: within 0.015 of scipy, 0.2120', () => {
    expect(Math.abs(signFlipTest(options, kernels)(SAMPLE) - 0.21204)).toBeLessThan(0.015)
  })

  it('is never 0 when drawn: all 33 users better, 1 of 1001', () => {
    expect(signFlipTest({ seed: 1, permutations: 1000 }, kernels)(new Float64Array(33).fill(0.1))).toBe(1 / 1001)
  })

  it('counts sums as reached that differ by rounding alone', () => {
    // ±0.1 ±0.2 reach 0.3 in two of four, and so does ±0.6 ±0.1 ±0.2 always, by 0.6 − 0.1 − 0.2 among others
    expect(signFlipTest(options, kernels)(Float64Array.of(0.1, 0.2, 0.3, -0.3))).toBe(6 / 8)
  })

  it('is 1 when nobody differs, and the same for a seed', () => {
    expect(signFlipTest(options, kernels)(new Float64Array(50))).toBe(1)
    expect(signFlipTest(options, kernels)(SAMPLE)).toBe(signFlipTest(options, kernels)(SAMPLE))
    expect(signFlipTest(options, kernels)(SAMPLE)).not.toBe(signFlipTest({ ...options, seed: 2 }, kernels)(SAMPLE))
  })
})

describe('corrections', () => {
  const values = [0.01, 0.04, 0.03, 0.005, 0.6, 0.04]

  it('Holm by hand: 6·.005, 5·.01, 4·.03, then never less, at most 1', () => {
    expect(holm(values)).toEqual([0.05, 0.12, 0.12, 0.03, 0.6, 0.12])
    expect(holm([0.9, 0.8])).toEqual([1, 1])
  })

  it('Benjamini–Hochberg as scipy has it', () => {
    const expected = [0.03, 0.048, 0.048, 0.03, 0.6, 0.048]
    expect(benjaminiHochberg(values)).toEqual(expected.map(value => expect.closeTo(value, 14)))
  })

  it('leave a single value alone, and nothing is nothing', () => {
    expect([holm([0.2]), benjaminiHochberg([0.2]), holm([]), benjaminiHochberg([])]).toEqual([[0.2], [0.2], [], []])
  })
})
