import { expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { mf } from '../../src/models/mf.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { uniform } from '../../src/samplers/uniform.ts'
import { createClip } from '../../src/training/clip.ts'
import { train } from '../../src/training/trainer.ts'
import { randomDataset } from '../support/toy.ts'

const parameter = (gradient: number[], sparse = false) => {
  const { memory } = kernels
  return { values: memory.floats(gradient.length), gradient: memory.copy(Float32Array.from(gradient)), sparse }
}
const kernels = createKernels()
const touching = (...rows: number[]) => ({ rows: Int32Array.from(rows), count: rows.length, marks: new Int8Array(3) })

it('scales the gradient of all parameters together, by touched rows where they are sparse', () => {
  // rows of 4: the second is stale
  const table = parameter([3, 0, 0, 0, 9, 9, 9, 9, 0, 4, 0, 0], true)
  const bias = parameter([0, 0, 12, 0, 0])
  createClip([table, bias], 4, 6.5, kernels)(touching(0, 2))
  // sqrt(3² + 4² + 12²) = 13
  expect([...table.gradient]).toEqual([1.5, 0, 0, 0, 9, 9, 9, 9, 0, 2, 0, 0])
  expect([...bias.gradient]).toEqual([0, 0, 6, 0, 0])
})

it('counts the last numbers of a parameter whose length is not a multiple of the columns', () => {
  const bias = parameter([0, 0, 0, 0, 3, 4])
  createClip([bias], 4, 2.5, kernels)(touching())
  expect([...bias.gradient]).toEqual([0, 0, 0, 0, 1.5, 2])
})

it('leaves gradients that are short enough', () => {
  const table = parameter([3, 4, 0, 0])
  createClip([table], 4, 5, kernels)(touching())
  expect([...table.gradient]).toEqual([3, 4, 0, 0])
})

const data = randomDataset(12, 16, 0.3)
const trained = async (maxGradientNorm: number, initialDeviation = 0) => {
  const { embeddings } = await train({
    ...{ train: data, model: { part: mf, options: { dimensions: 4 } }, sampler: { part: uniform }, seed: 1 },
    ...{ kernels: createKernels(), objective: { part: bpr } },
    options: { epochs: 2, batchSize: 8, optimizer: 'adagrad', learningRate: 0.01, maxGradientNorm, initialDeviation },
  })
  return embeddings.userVectors
}

it('--max-gradient-norm: one that no gradient reaches changes no bit, a short one does', async () => {
  const free = await trained(0)
  expect(await trained(1e6)).toEqual(free)
  expect(await trained(1e-3)).not.toEqual(free)
})

it('--initial-deviation is that of the numbers vectors begin with, and changes only their size', async () => {
  const startOf = (deviation: number) => {
    const kernels = createKernels()
    const large = randomDataset(200, 100, 0.05)
    return mf.create({ train: large, kernels, seed: 1, initialDeviation: deviation }, { dimensions: 16 }).tables.pooled
  }
  const [small, large] = [0.001, 0.1].map(startOf)
  const deviation = Math.hypot(...small) / Math.sqrt(small.length)
  expect(deviation).toBeGreaterThan(0.00098)
  expect(deviation).toBeLessThan(0.00102)
  large.forEach((value, at) => {
    expect(value).toBeCloseTo(100 * small[at], 5)
  })
  expect(await trained(0, 0.5)).not.toEqual(await trained(0))
})
