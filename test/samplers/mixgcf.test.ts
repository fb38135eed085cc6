import { expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { mixgcf } from '../../src/samplers/mixgcf.ts'
import { batchOf, HOPS, samplerContext } from '../contracts/sampler.ts'
import { hopScore, scoreRows } from './naive.ts'

const setting = () => {
  const kernels = createKernels()
  const context = samplerContext(kernels, { perPositive: 2 })
  return { context, batch: batchOf(kernels), steps: mixgcf.create(context, { candidateNegatives: 6 }) }
}

it('scores the mix of positive and candidate hop by hop, within 1e-6', () => {
  const { context, batch, steps } = setting()
  const candidates = steps.draw(batch, { epoch: 1, batch: 0 })
  const scores = steps.score(batch, candidates)
  const { mix } = steps.pick(batch, candidates, scores)
  for (const { slot, h, user, positive, candidates: own } of scoreRows(batch, candidates, 2, 6, HOPS)) {
    const beta = mix![slot * HOPS + h]
    own.forEach((item, n) => {
      const expected =
        beta * hopScore(context.tables, h, user, positive) + (1 - beta) * hopScore(context.tables, h, user, item)
      expect(Math.abs(scores[(slot * HOPS + h) * 6 + n] - expected)).toBeLessThan(1e-6)
    })
  }
})

it('picks hop by hop the candidate with the largest score of that hop, within 1e-6', () => {
  const { context, batch, steps } = setting()
  let apart = 0
  for (let epoch = 1; epoch <= 5; epoch++) {
    const candidates = steps.draw(batch, { epoch, batch: 0 })
    const { items, pickedHops } = steps.pick(batch, candidates, steps.score(batch, candidates))
    expect(pickedHops).toBe(HOPS)
    for (const { slot, h, user, candidates: own } of scoreRows(batch, candidates, 2, 6, HOPS)) {
      // the positive's share is the same for all candidates, and so leaves their order alone
      const scores = own.map(item => hopScore(context.tables, h, user, item))
      const picked = items[slot * HOPS + h]
      expect(own).toContain(picked)
      // where β is near 1 the difference shrinks below the last bit of f32
      expect(hopScore(context.tables, h, user, picked)).toBeGreaterThanOrEqual(Math.max(...scores) - 1e-5)
      if (picked !== items[slot * HOPS]) apart++
    }
  }
  expect(apart, 'hops pick for themselves').toBeGreaterThan(100)
})

it('β is uniform over [0, 1) and apart for every sample and hop: its mean within 5 standard errors', () => {
  const { batch, steps } = setting()
  const all: number[] = []
  for (let epoch = 1; epoch <= 20; epoch++) {
    const candidates = steps.draw(batch, { epoch, batch: 0 })
    all.push(...steps.pick(batch, candidates, steps.score(batch, candidates)).mix!)
  }
  expect(new Set(all).size).toBeGreaterThan(all.length * 0.99)
  const mean = all.reduce((sum, beta) => sum + beta, 0) / all.length
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / all.length))
  const quarters = [0, 0, 0, 0]
  for (const beta of all) quarters[Math.floor(beta * 4)]++
  for (const count of quarters)
    expect(Math.abs(count / all.length - 0.25)).toBeLessThan(5 * Math.sqrt(0.1875 / all.length))
})
