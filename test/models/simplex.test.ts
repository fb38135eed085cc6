import { expect, it } from 'vitest'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { simplex } from '../../src/models/simplex.ts'
import { randomDataset, randomFloats } from '../support/toy.ts'

const D = 4
const train = randomDataset(7, 12, 0.3)
const { users, byUser } = train

/** Vectors of users, from the formula: every number of it is a parameter or a count. */
it.each([
  { historyVectors: 'shared', pooling: 'mean' },
  { historyVectors: 'shared', pooling: 'sum' },
  { historyVectors: 'own', pooling: 'mean' },
  { historyVectors: 'own', pooling: 'sum' },
] as const)('user vectors, $historyVectors and $pooling', options => {
  const kernels = createReferenceKernels('f64')
  const model = simplex.create({ train, kernels, seed: 1 }, { dimensions: D, ownShare: 0.3, ...options })
  const { embeddings, histories, 'history.weight': weight } = model.parameters
  Object.values(model.parameters).forEach(({ values }, at) => {
    values.set(randomFloats(kernels, values.length, at))
  })
  model.forward()
  expect(histories === undefined).toBe(options.historyVectors === 'shared')
  const items = histories?.values ?? embeddings.values.subarray(users * D)
  const rows = Array.from({ length: users }, (_, user) =>
    Array.from(byUser.indices.subarray(byUser.offsets[user], byUser.offsets[user + 1])),
  )
  const longest = Math.max(...rows.map(row => row.length))
  rows.forEach((row, user) => {
    const over = options.pooling === 'sum' ? longest : row.length
    const pooled = Array.from({ length: D }, (_, d) => row.reduce((sum, item) => sum + items[item * D + d], 0) / over)
    for (let d = 0; d < D; d++) {
      const product = pooled.reduce((sum, value, from) => sum + value * weight.values[from * D + d], 0)
      const expected = 0.3 * embeddings.values[user * D + d] + 0.7 * product
      expect(model.tables.pooled[user * D + d]).toBeCloseTo(expected, 10)
    }
  })
})
