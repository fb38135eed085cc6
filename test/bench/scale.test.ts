import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { growthCases, largeCases } from '../../bench/scale/cases.ts'
import { generateSplit } from '../../bench/scale/generate.ts'
import { exponentOf, growthOf, type ScaleResult } from '../../bench/scale/growth.ts'
import { estimatedKernelBytes, growthTable } from '../../bench/scale/tables.ts'

const size = { users: 3000, items: 700, interactions: 45_000 }

it('generated data has the size that was asked for, ascending histories, and held-out items of the users that are evaluated', () => {
  const { train, test } = generateSplit(size, 100, 1)
  expect(train).toMatchObject({ users: 3000, items: 700 })
  expect(Math.abs(train.interactions / size.interactions - 1)).toBeLessThan(0.05)
  const { offsets, indices } = train.byUser
  for (let user = 0; user < train.users; user++) {
    expect(offsets[user + 1] - offsets[user]).toBeGreaterThanOrEqual(4)
    for (let e = offsets[user] + 1; e < offsets[user + 1]; e++) expect(indices[e]).toBeGreaterThan(indices[e - 1])
  }
  expect(test.interactions).toBeGreaterThanOrEqual(90)
})

it('generated data is a function of size and seed', () => {
  expect(generateSplit(size, 100, 1).hash).toBe(generateSplit(size, 100, 1).hash)
  expect(generateSplit(size, 100, 2).hash).not.toBe(generateSplit(size, 100, 1).hash)
})

it('generated popularity is skewed: a tenth of the items has more than a fifth of the interactions', () => {
  const { items, interactions, byItem } = generateSplit(size, 0, 1).train
  const degrees = Array.from({ length: items }, (_, item) => byItem.offsets[item + 1] - byItem.offsets[item])
  const top = degrees.sort((a, b) => b - a).slice(0, items / 10)
  expect(top.reduce((sum, degree) => sum + degree, 0)).toBeGreaterThan(interactions / 5)
})

it('the exponent is the slope in log–log', () => {
  expect(exponentOf([1, 2, 4, 8], [3, 12, 48, 192])).toBeCloseTo(2, 12)
  expect(exponentOf([1, 2, 4], [7, 7, 7])).toBeCloseTo(0, 12)
})

it('growth is fitted by what grows, four sizes each', () => {
  const results = growthCases.map(given => {
    const seconds = (given.interactions * Math.sqrt(given.items)) / 1e7
    const sample = { seconds, cpuSeconds: seconds, others: 0 }
    return { ...given, stages: { trees: sample } } as unknown as ScaleResult
  })
  const [{ stage, exponents, seconds }] = growthOf(results)
  expect(stage).toBe('trees')
  expect(exponents.E).toBeCloseTo(1, 9)
  expect(exponents.U).toBeCloseTo(0, 9)
  expect(exponents.I).toBeCloseTo(0.5, 9)
  expect(seconds.E).toHaveLength(4)
  expect(growthTable(results).rows[0].slice(0, 4)).toEqual(['trees', '1.00', '0.00', '0.50'])
})

it('the formula of docs/reference/memory.md is within 15 % of what the large cases took', () => {
  const published = readFileSync(join(import.meta.dirname, '../../bench/results/scale.json'), 'utf8')
  const results: ScaleResult[] = JSON.parse(published).results
  const large = results.filter(({ name }) => name.startsWith('large'))
  expect(large.map(({ name }) => name)).toEqual(largeCases.map(({ name }) => name))
  for (const result of large) {
    const ratio = estimatedKernelBytes(result) / result.kernelPeakBytes
    expect(Math.abs(ratio - 1), result.name).toBeLessThan(0.15)
  }
})
