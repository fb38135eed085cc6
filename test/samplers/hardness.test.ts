import { describe, expect, it } from 'vitest'
import { has } from '../../src/dataset/patterns.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { createAliasTable } from '../../src/samplers/alias.ts'
import { placeOfRank } from '../../src/samplers/dns-mn.ts'
import { createSampler, samplers } from '../../src/samplers/index.ts'
import { allowedItems, batchOf, ITEMS, isForbidden, samplerContext, scoringSteps, USERS } from '../contracts/sampler.ts'
import { pooledScore, scoreRows } from './naive.ts'

const AT = { epoch: 3, batch: 1 }

/** A scoring sampler's candidates and what it picks of them. */
function pickOf(name: string, options: object) {
  const kernels = createKernels()
  const context = samplerContext(kernels, { perPositive: 2 })
  const batch = batchOf(kernels)
  const steps = scoringSteps({ definition: samplers.get(name), options: { ...options }, title: '' }, context)
  const candidates = steps.draw(batch, AT).slice()
  const { items } = createSampler({ part: name, options: { ...options } }, context).sample(batch, AT)
  return scoreRows(batch, candidates, 2, steps.perSlot, 1).map(row => ({
    ...row,
    picked: items[row.slot],
    scoreOf: (item: number) => pooledScore(context.tables, row.user, item),
  }))
}

describe('dns-mn', () => {
  it('picks among the M highest of N, each of them at times', () => {
    const ranks = new Set<number>()
    for (const { candidates, picked, scoreOf } of pickOf('dns-mn', { candidateNegatives: 7, hardest: 3 })) {
      const above = candidates.filter(item => scoreOf(item) > scoreOf(picked))
      expect(above.length).toBeLessThan(3)
      ranks.add(above.length)
    }
    expect(ranks).toEqual(new Set([0, 1, 2]))
  })

  it('with M above N picks any of the N', () => {
    for (const { candidates, picked } of pickOf('dns-mn', { candidateNegatives: 2, hardest: 9 }))
      expect(candidates).toContain(picked)
  })

  it('ranks equal scores by their place', () => {
    const scores = [9, 1, 3, 3, 2]
    expect([0, 1, 2, 3].map(rank => placeOfRank(scores, 1, 4, rank))).toEqual([1, 2, 3, 0])
  })
})

describe('ahns', () => {
  it('picks the candidate whose score is nearest to β (s(u, p) + α)^(p + 1)', () => {
    const options = { candidateNegatives: 6, hardnessScale: 0.5, hardnessShift: 2, power: -3 }
    for (const { candidates, picked, positive, scoreOf } of pickOf('ahns', options)) {
      const aim = 0.5 / Math.max(0.001, scoreOf(positive) + 2) ** 2
      const distance = (item: number) => Math.abs(scoreOf(item) - aim)
      expect(distance(picked)).toBeLessThanOrEqual(Math.min(...candidates.map(distance)) + 1e-5)
    }
  })
})

describe('popularity', () => {
  it('draws the items that a user may be shown in proportion to degree^α, within 4 standard errors', () => {
    const kernels = createKernels()
    const context = samplerContext(kernels, { perPositive: 100 })
    const sampler = createSampler({ part: 'popularity', options: { exponent: 0.75 } }, context)
    const counts = Array.from({ length: USERS }, () => new Float64Array(ITEMS))
    const epochs = 20
    for (let epoch = 1; epoch <= epochs; epoch++)
      sampler.sample(batchOf(kernels), { epoch, batch: 0 }).items.forEach((item, slot) => {
        if (item >= 0) counts[Math.floor(slot / 100) % USERS][item]++
      })
    for (const user of [1, 2, 5]) {
      const allowed = allowedItems(user)
      const mass = (item: number) => context.degrees[item] ** 0.75
      const total = allowed.reduce((sum, item) => sum + mass(item), 0)
      for (const item of allowed) {
        const share = mass(item) / total
        const error = Math.sqrt((share * (1 - share)) / (300 * epochs))
        expect(Math.abs(counts[user][item] / (300 * epochs) - share)).toBeLessThanOrEqual(4 * error)
      }
    }
    expect(sampler.stats.rejections).toBeGreaterThan(0)
    expect(sampler.stats.draws).toBeGreaterThan(sampler.stats.rejections)
  })

  it('finds an allowed item even where popularity gives it nothing', () => {
    const kernels = createKernels()
    const degrees = Int32Array.from({ length: ITEMS }, (_, item) => (item === 6 ? 0 : 5))
    const { items } = createSampler({ part: 'popularity' }, samplerContext(kernels, { degrees })).sample(
      batchOf(kernels),
      AT,
    )
    // user 1 may be shown item 6 alone
    expect(items[1]).toBe(6)
  })

  it('says so when there is nothing to draw from', () => {
    expect(() =>
      createSampler({ part: 'popularity' }, samplerContext(createKernels(), { degrees: new Int32Array(ITEMS) })),
    ).toThrow('none of 13 items can be drawn by popularity: there are no interactions')
  })

  it('an alias table has the shares of its weights', () => {
    const draw = createAliasTable(Float64Array.of(1, 0, 3, 4))
    const counts = [0, 0, 0, 0]
    for (let a = 0; a < 64; a++) for (let b = 0; b < 64; b++) counts[draw(a * 2 ** 26, b * 2 ** 26)]++
    expect(counts).toEqual([512, 0, 1536, 2048])
  })

  it('knows what a row holds', () => {
    const { forbidden } = samplerContext(createKernels())
    for (let user = 0; user < USERS; user++)
      for (let item = 0; item < ITEMS; item++) expect(has(forbidden, user, item)).toBe(isForbidden(user, item))
  })
})
