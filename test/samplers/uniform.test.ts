import { expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { uniform } from '../../src/samplers/uniform.ts'
import { allowedItems, batchOf, samplerContext, USERS } from '../contracts/sampler.ts'

it('draws every allowed item of a user as often: each share within 5 standard errors', () => {
  const kernels = createKernels()
  const sampler = uniform.create(samplerContext(kernels), {})
  const batch = batchOf(kernels)
  const counts = Array.from({ length: USERS }, () => new Map<number, number>())
  const rounds = 1500
  for (let epoch = 0; epoch < rounds; epoch++)
    sampler.sample(batch, { epoch, batch: 0 }).items.forEach((item, b) => {
      const own = counts[b % USERS]
      own.set(item, (own.get(item) ?? 0) + 1)
    })
  counts.forEach((own, user) => {
    const allowed = allowedItems(user)
    const draws = rounds * 3
    const share = 1 / allowed.length
    for (const item of allowed) {
      const error = Math.sqrt((share * (1 - share)) / draws)
      expect(Math.abs((own.get(item) ?? 0) / draws - share), `user ${user}, item ${item}`).toBeLessThanOrEqual(
        5 * error,
      )
    }
  })
})
