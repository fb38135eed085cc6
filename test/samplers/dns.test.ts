import { expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { dns } from '../../src/samplers/dns.ts'
import { batchOf, samplerContext } from '../contracts/sampler.ts'
import { pooledScore, scoreRows } from './naive.ts'

it('picks, of the N candidates of a slot, the one with the largest pooled score within 1e-6', () => {
  const kernels = createKernels()
  const context = samplerContext(kernels, { perPositive: 2 })
  const steps = dns.create(context, { candidateNegatives: 6 })
  const batch = batchOf(kernels)
  let hardest = 0
  for (let epoch = 1; epoch <= 5; epoch++) {
    const candidates = steps.draw(batch, { epoch, batch: 0 })
    const { items, pickedHops } = steps.pick(batch, candidates, steps.score(batch, candidates))
    expect(pickedHops).toBe(1)
    for (const { slot, user, candidates: own } of scoreRows(batch, candidates, 2, 6, 1)) {
      const scores = own.map(item => pooledScore(context.tables, user, item))
      expect(own).toContain(items[slot])
      expect(pooledScore(context.tables, user, items[slot])).toBeGreaterThanOrEqual(Math.max(...scores) - 1e-6)
      if (items[slot] !== own[0]) hardest++
    }
  }
  // the first candidate is the best of six in a sixth of the slots
  expect(hardest).toBeGreaterThan(100)
})

it('draws N candidates a slot', () => {
  const kernels = createKernels()
  for (const candidateNegatives of [1, 17]) {
    const steps = dns.create(samplerContext(kernels, { perPositive: 3 }), { candidateNegatives })
    expect(steps.perSlot).toBe(candidateNegatives)
    expect(steps.draw(batchOf(kernels), { epoch: 1, batch: 0 })).toHaveLength(24 * 3 * candidateNegatives)
  }
})
