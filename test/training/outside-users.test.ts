/** Users outside of kernel memory: a small memory stands for data that takes more than 4 GiB. */
import { describe, expect, it } from 'vitest'
import { sealTruth } from '../../src/dataset/truth.ts'
import { createValidation } from '../../src/evaluation/validation.ts'
import { createKernels, type KernelOptions } from '../../src/kernels/wasm/wasm.ts'
import { objectives } from '../../src/objectives/index.ts'
import { samplers } from '../../src/samplers/index.ts'
import type { TrainingState } from '../../src/training/checkpoint.ts'
import { tableBytes, usersLieOutside } from '../../src/training/outside-users.ts'
import { type TrainRequest, train } from '../../src/training/trainer.ts'
import { randomCodes } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'

const USERS = 1200
const data = randomDataset(USERS, 40, 0.05)
const options = {
  epochs: 2,
  batchSize: 40,
  learningRate: 0.05,
  optimizer: 'adam',
  regularized: 'batch',
  regularization: 1e-4,
} as const

const request = (kernels: KernelOptions, changes: Partial<TrainRequest> = {}): TrainRequest => ({
  kernels: createKernels(kernels),
  train: data,
  model: { part: 'mf', options: { dimensions: 64 } },
  sampler: 'dns',
  objective: 'bpr',
  codes: randomCodes(40),
  seed: 5,
  ...changes,
  options: { ...options, ...changes.options },
})

const limitOf = ({ optimizer = 'adam' }: TrainRequest['options'] & {} = {}) => tableBytes(data, 64, optimizer)
const isOutside = (asked: TrainRequest) => usersLieOutside(asked, { ...options, ...asked.options })

const allByBatch = [
  ...samplers.parts.filter(part => part.usersByBatch).map(({ name }) => ({ sampler: name })),
  ...objectives.parts
    .filter(part => part.kind === 'scores' || part.usersByBatch)
    .map(({ name }) => ({ objective: name })),
]
const cases: [string, Partial<TrainRequest>][] = [
  ...allByBatch.map((part): [string, Partial<TrainRequest>] => [Object.entries(part)[0].join(' '), part]),
  ['optimizer adagrad', { options: { optimizer: 'adagrad' } }],
  ['users more than once in a batch, 3 negatives', { options: { batchSize: 300, negatives: 3 } }],
  ['weights', { train: { ...data, weights: Float32Array.from(data.byUser.indices, item => 1 + (item % 3)) } }],
  ['more forbidden than observed', { forbidden: randomDataset(USERS, 40, 0.4).byUser }],
  ['cosines', { options: { rankBy: 'cosine' } }],
  [
    'short vectors and gradients',
    { options: { initialDeviation: 0.0001, maxGradientNorm: 0.001, optimizer: 'adagrad' } },
  ],
  [
    'a warm start',
    {
      warmStart: {
        dimensions: 64,
        users: Float32Array.from({ length: 128 }, (_, at) => at / 1000),
        items: Float32Array.from({ length: 64 }, (_, at) => -at / 1000),
        userRows: Int32Array.from({ length: USERS }, (_, user) => (user % 3) - 1),
        itemRows: Int32Array.from({ length: 40 }, (_, item) => (item % 2) - 1),
      },
    },
  ],
]

describe('a table that kernel memory cannot hold', () => {
  it.each(cases)('trains to the same bits as one that it can: %s', async (_name, changes) => {
    const memoryLimit = limitOf(changes.options)
    const inside = request({ memoryLimit }, changes)
    const outside = request({ memoryLimit: memoryLimit - 1, threads: 2, pieceCost: 100 }, changes)
    expect([isOutside(inside), isOutside(outside)]).toEqual([false, true])
    const expected = await train(request({}, changes))
    const found = await train(outside)
    outside.kernels.close()
    expect(found.history).toEqual(expected.history)
    expect(found.embeddings).toEqual(expected.embeddings)
    // every user has moved from where it was drawn
    expect(found.history[0].loss).not.toBe(found.history[1].loss)
    expect(outside.kernels.memory.usage.peakBytes).toBeLessThan(memoryLimit)
  })

  it('is validated, stopped and resumed to the same bits', async () => {
    const limit = limitOf() - 1
    const truth = sealTruth(randomDataset(USERS, 40, 0.05, 2).byUser, 40)
    const validate = (asked: TrainRequest): TrainRequest => {
      const validation = createValidation(asked.kernels, { truth, seen: data.byUser, seed: 1 })
      return { ...asked, validate: validation, options: { ...asked.options, validateEvery: 1, epochs: 4 } }
    }
    const expected = await train(validate(request({})))
    let saved: TrainingState | undefined
    const store = {
      load: async () => saved,
      save: async (state: TrainingState) => {
        // the tensors are those at work
        const copies = Object.entries(state.tensors).map(([name, { shape, values }]) => [
          name,
          { shape, values: values.slice() },
        ])
        saved = { ...state, tensors: Object.fromEntries(copies) }
      },
    }
    const stop = new AbortController()
    const stopped = validate(request({ memoryLimit: limit }, { options: { checkpointEvery: 1 } }))
    await expect(
      train({
        ...stopped,
        checkpoint: store,
        signal: stop.signal,
        progress: ({ epoch }) => epoch === 3 && stop.abort(new Error('stopped')),
      }),
    ).rejects.toThrow('stopped')
    expect(saved!.epoch).toBe(2)
    const resumed = await train({ ...validate(request({ memoryLimit: limit })), checkpoint: store })
    expect(resumed.history).toEqual(expected.history)
    expect(resumed.embeddings).toEqual(expected.embeddings)
    expect(new Set(expected.history.map(({ validation }) => validation)).size).toBeGreaterThan(1)
  })

  it.each([
    { sampler: 'srns' },
    { sampler: { part: 'dual-tree', options: { base: 'gdns' } } },
    { objective: 'bsl' },
    { model: { part: 'lightgcn', options: { dimensions: 64 } } },
    { options: { regularized: 'all' } },
    { sideItems: { dimensions: 2, values: new Float32Array(80) } },
  ] as Partial<TrainRequest>[])('stays where it is with parts that know users beyond a batch: %o', changes => {
    expect(isOutside(request({ memoryLimit: 2 ** 20 }, changes))).toBe(false)
  })
})
