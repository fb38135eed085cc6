import { describe, expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { mf } from '../../src/models/mf.ts'
import { neumf } from '../../src/models/neumf.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { ccl } from '../../src/objectives/ccl.ts'
import { uniform } from '../../src/samplers/uniform.ts'
import { train } from '../../src/training/trainer.ts'
import { randomDataset } from '../support/toy.ts'

const data = randomDataset(12, 16, 0.3)
const options = { epochs: 4, batchSize: 16, learningRate: 0.05, validateEvery: 2 }
const parts = { train: data, model: { part: mf, options: { dimensions: 4 } }, sampler: { part: uniform }, seed: 1 }
const lengths = (values: ArrayLike<number>) =>
  Array.from({ length: values.length / 4 }, (_, row) =>
    Math.hypot(...Array.from({ length: 4 }, (_, d) => values[4 * row + d])),
  )

describe('--rank-by cosine', () => {
  it('validates and keeps items of length 1, and trains as without', async () => {
    const seen: number[][] = []
    const validate = ({ itemVectors }: { itemVectors: ArrayLike<number> }) => seen.push(lengths(itemVectors))
    const trained = (rankBy: 'cosine' | 'inner-product', more = {}) =>
      train({ ...parts, kernels: createKernels(), objective: { part: ccl }, options: { ...options, rankBy }, ...more })
    const cosine = await trained('cosine', { validate })
    const plain = await trained('inner-product')
    const one = lengths(cosine.embeddings.itemVectors)
    for (const all of [...seen, one]) expect(all).toEqual(all.map(() => expect.closeTo(1, 5)))
    expect(seen).toHaveLength(2)
    expect(cosine.embeddings.userVectors).toEqual(plain.embeddings.userVectors)
    expect(lengths(plain.embeddings.itemVectors).every(length => Math.abs(length - 1) < 0.01)).toBe(false)
    const [a, b] = [cosine.embeddings.itemVectors, plain.embeddings.itemVectors]
    lengths(b).forEach((length, item) => {
      expect(a[4 * item]).toBeCloseTo(b[4 * item] / length, 5)
    })
  })

  it('is refused where scores are no inner products', async () => {
    const request = { ...parts, model: { part: neumf, options: { dimensions: 4 } }, objective: { part: bpr } }
    await expect(
      train({ ...request, kernels: createKernels(), options: { ...options, rankBy: 'cosine' } }),
    ).rejects.toThrow('--rank-by cosine compares vectors, and this model scores pairs by a network: leave it out')
  })
})
