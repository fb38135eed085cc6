import { expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { models } from '../../src/models/index.ts'
import type { TrainingOptions } from '../../src/training/options.ts'
import { train } from '../../src/training/trainer.ts'

// user 2 and item 2 have no interactions; users 0 and 1 each have an item, so that item 2 is drawn as a negative
const data = createDataset({ users: [0, 1], items: [0, 1] }, createVocabulary([0, 1, 2]), createVocabulary([0, 1, 2]))

async function lengths(model: string, options: Partial<TrainingOptions>) {
  const { embeddings, history } = await train({
    kernels: createKernels(),
    train: data,
    model: { part: models.get(model), options: { dimensions: 4 } },
    sampler: { part: 'uniform' },
    objective: { part: 'bpr' },
    options: { learningRate: 0.001, ...options },
    seed: 1,
  })
  const lengthOf = (row: number) => Math.hypot(...embeddings.userVectors.subarray(row * 4, (row + 1) * 4))
  return { stranger: lengthOf(2), loss: history[0].loss }
}

it.each(['mf', 'lightgcn'])(
  '%s: a user whom no batch has seen shrinks under a term on all vectors alone',
  async model => {
    const first = await lengths(model, { epochs: 1, regularization: 0 })
    const later = (regularized: TrainingOptions['regularized']) =>
      lengths(model, { epochs: 20, regularization: 0.1, regularized })
    expect((await later('batch')).stranger).toBe(first.stranger)
    // Adam moves each of four numbers by .001 per step
    const left = (await later('all')).stranger / first.stranger
    expect(left).toBeGreaterThan(0.9)
    expect(left).toBeLessThan(0.99)
  },
)

it('does not depend on the size of the batch', async () => {
  const extra = async (batchSize: number) => {
    const options = { epochs: 1, batchSize, learningRate: 1e-9 }
    const plain = await lengths('mf', { ...options, regularization: 0 })
    const all = await lengths('mf', { ...options, regularization: 0.5, regularized: 'all' })
    return all.loss - plain.loss
  }
  const [one, two] = [await extra(1), await extra(2)]
  expect(one).toBeGreaterThan(0.1)
  expect(one).toBeCloseTo(two, 5)
})
