/** Training on the fast kernels against training on the reference, step by step, on data with groups as real data has. */
import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { plantedData } from '../../src/dataset/planted.ts'
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { lightgcn } from '../../src/models/lightgcn.ts'
import { objectives } from '../../src/objectives/index.ts'
import { train } from '../../src/training/trainer.ts'
import { budget } from '../support/budget.ts'

const planted = plantedData({ users: 60, items: 80, levels: 2, likesPerUser: 14 }).train
const range = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
const data = createDataset({ users: [...planted.users], items: [...planted.items] }, range(60), range(80))

/** Weights of negatives are for a thousand of them: of the one here they make noise, and kinks tell rounding errors apart. */
const mild: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ccl: { negativeWeight: 1, cosineMargin: -1 },
  ultragcn: { pairNegativeWeight: 1 },
}

// with all pairs in a batch an epoch is a step, and its loss that of the step
const ways = [
  ['step', budget(12, 40), data.interactions],
  ['epoch of several steps', budget(4, 12), 128],
] as const

describe.each(ways)(
  'LightGCN has the same loss on both kernels, within 1e-4 of it, in each %s of %i',
  (_, epochs, batchSize) => {
    it.each(objectives.names)('%s', async name => {
      const losses = async (kernels: Kernels) => {
        const { history } = await train({
          kernels,
          train: data,
          model: { part: lightgcn, options: { dimensions: 8 } },
          // a choice by score may turn on the last bit, and then all after it differs
          sampler: { part: 'uniform' },
          objective: { part: objectives.get(name), options: mild[name] ?? {} },
          options: { epochs, batchSize, learningRate: 0.02 },
          seed: 3,
        })
        return history.map(({ loss }) => loss)
      }
      const [expected, actual] = [await losses(createReferenceKernels('f64')), await losses(createKernels())]
      expect(expected).toHaveLength(epochs)
      expect(expected[epochs - 1]).toBeLessThan(expected[0])
      expected.forEach((loss, epoch) => {
        expect(Math.abs(actual[epoch] - loss), `epoch ${epoch + 1}`).toBeLessThan(1e-4 * Math.max(1, Math.abs(loss)))
      })
    })
  },
)
