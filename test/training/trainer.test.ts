import { describe, expect, it } from 'vitest'
import { buildCsr } from '../../src/dataset/csr.ts'
import { createDataset, type Dataset, pairsOf } from '../../src/dataset/dataset.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { embeddingRecommender, scorePairsBy } from '../../src/models/embeddings.ts'
import { models } from '../../src/models/index.ts'
import type { EmbeddingDefinition } from '../../src/models/model.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { samplers } from '../../src/samplers/index.ts'
import type { TrainingState } from '../../src/training/checkpoint.ts'
import { type TrainingEvent, type TrainRequest, train } from '../../src/training/trainer.ts'
import { randomCodes } from '../support/judging.ts'
import { unseenBy } from '../support/requests.ts'
import { checkerboard, randomDataset } from '../support/toy.ts'

const data = randomDataset(40, 30, 0.2)
const request = (changes: Partial<TrainRequest> = {}): TrainRequest => ({
  kernels: createKernels(),
  train: data,
  model: { part: models.get('lightgcn'), options: { dimensions: 8, layers: 2 } },
  sampler: { part: 'mixgcf' },
  objective: { part: bpr },
  options: { epochs: 12, batchSize: 32, learningRate: 0.01, checkpointEvery: 3, validateEvery: 2 },
  seed: 5,
  ...changes,
})

/** A contrast tells all nodes apart, those of one colour too: it may not be worth more than the board here. */
const quietly = ({ options }: EmbeddingDefinition) =>
  'contrastWeight' in options.shape ? { contrastWeight: 0.01 } : {}

describe.each(models.parts.map(definition => [definition.name, definition] as const))('%s', (_name, definition) => {
  it('learns the checkerboard: the best item for user u is u', async () => {
    const board = checkerboard(24)
    const kernels = createKernels()
    const { embeddings, history } = await train(
      request({
        kernels,
        train: board,
        model: { part: definition, options: { dimensions: 16, ...quietly(definition) } },
        sampler: { part: 'uniform' },
        options: { epochs: 150, batchSize: 64, learningRate: 0.02, regularization: 0.001 },
      }),
    )
    expect(history.at(-1)!.loss).toBeLessThan(history[0].loss / 3)
    const ranking = unseenBy(board)
    const { users } = ranking
    const { items } = embeddingRecommender(embeddings, kernels, board).recommend({ ...ranking, k: 1, tieRank: users })
    expect([...items]).toEqual([...users])
  })
})

/** The colour of each item on a checkerboard. */
const coloursOf = (items: number) => ({
  dimensions: 2,
  values: Float32Array.from({ length: 2 * items }, (_, at) => Number((at >> 1) % 2 === at % 2)),
})

describe.each(['mf', 'lightgcn'])('%s with side vectors', name => {
  const model = { part: models.get(name), options: { dimensions: 8 } }

  it('knows who likes items that nobody has interacted with', async () => {
    const { users, items, userIds, itemIds } = { ...checkerboard(24), ...pairsOf(checkerboard(24)) }
    const kept = [...items.keys()].filter(at => items[at] < 20)
    const few = createDataset({ users: kept.map(at => users[at]), items: kept.map(at => items[at]) }, userIds, itemIds)
    const options = { epochs: 20, batchSize: 64, learningRate: 0.02 }
    const sampler = { part: 'uniform' }
    const { embeddings } = await train(request({ train: few, model, sampler, options, sideItems: coloursOf(24) }))
    const everyone = Int32Array.from({ length: 24 }, (_, user) => user)
    const scores = (swap: number) =>
      scorePairsBy(
        embeddings,
        createKernels(),
        everyone,
        everyone.map(user => 20 + ((user + swap) % 2)),
      )
    const others = scores(1)
    scores(0).forEach((score, user) => {
      expect(score).toBeGreaterThan(others[user])
    })
  })

  it('has the same bits for any number of threads', async () => {
    const vectors = async (threads: number, sideItems?: TrainRequest['sideItems']) => {
      const kernels = createKernels({ threads, pieceCost: 1 })
      const { embeddings } = await train(request({ kernels, model, sideItems }))
      kernels.close()
      return embeddings.itemVectors
    }
    const alone = await vectors(1, coloursOf(30))
    expect(await vectors(3, coloursOf(30))).toEqual(alone)
    expect(await vectors(1)).not.toEqual(alone)
  })
})

/** Vectors in one array, to compare runs. */
const bytesOf = async (changes: Partial<TrainRequest>) => {
  const { embeddings } = await train(request(changes))
  return [...embeddings.userVectors, ...embeddings.itemVectors]
}

it.each(['uniform', 'dns'])(
  'mf with %s: rows updated in one pass hold the bits of gradients that lie in tables',
  async sampler => {
    const definition = models.get('mf')
    const vectors = async (part: EmbeddingDefinition, threads: number) => {
      const kernels = createKernels({ threads, pieceCost: 1 })
      const options = { epochs: 3, batchSize: 32, learningRate: 0.01, negatives: 2, regularization: 0.01 }
      const model = { part, options: { dimensions: 8 } }
      const result = await train({ ...request({ kernels, sampler: { part: sampler }, model }), options })
      kernels.close()
      const { embeddings, history } = result
      // the L2 term of the loss is added up by rows in one pass, and by positives in the other way
      return [embeddings, history.map(({ loss, ...rest }) => ({ ...rest, loss: loss.toPrecision(6) }))]
    }
    const apart = {
      ...definition,
      create: (...given: Parameters<EmbeddingDefinition['create']>) => ({
        ...definition.create(...given),
        direct: false,
      }),
    }
    const expected = await vectors(apart, 1)
    for (const threads of [1, 3]) expect(await vectors(definition, threads)).toEqual(expected)
  },
)

describe('train', () => {
  it('gives the same bits for a seed, and others for another', async () => {
    const first = await bytesOf({})
    expect(await bytesOf({})).toEqual(first)
    expect(await bytesOf({ seed: 6 })).not.toEqual(first)
  })

  it.each(samplers.parts.filter(part => !part.usesCodes).map(part => part.name))(
    'gives the same bits with item codes as without for %s, which uses none',
    async sampler => {
      const own: Partial<TrainRequest> = { sampler, options: { epochs: 2, batchSize: 32 } }
      const without = await train(request(own))
      const given = await train(request({ ...own, codes: randomCodes(data.items) }))
      expect(given.embeddings).toEqual(without.embeddings)
      expect(given.history).toEqual(without.history)
    },
  )

  it('gives other bits with other codes where they are used', async () => {
    const own: Partial<TrainRequest> = { sampler: { part: 'dual-tree', options: { base: 'dns' } } }
    const first = await bytesOf({ ...own, codes: randomCodes(data.items) })
    expect(await bytesOf({ ...own, codes: randomCodes(data.items, 2) })).not.toEqual(first)
  })

  it.each([
    ['', {}],
    [' with side vectors', { sideItems: coloursOf(30) }],
    [
      ' with a learning rate that falls twice',
      { options: { ...request().options, patience: 1, learningRateDrops: 2 } },
    ],
  ] satisfies [string, Partial<TrainRequest>][])(
    'stopped after any epoch and resumed from its checkpoint%s, ends with the same bits and history',
    async (_, changes) => {
      const validate = () => {
        const values = [0.1, 0.3, 0.2, 0.25, 0.4, 0.1]
        let call = 0
        return () => values[call++ % values.length]
      }
      const whole = await train(request({ ...changes, validate: validate() }))
      for (const stopAt of [4, 7, 9]) {
        let saved: TrainingState | undefined
        const store = {
          load: async () => saved && structuredClone(saved),
          save: async (state: TrainingState) => {
            // the tensors are those at work, so a store that keeps them has to copy
            const copies = Object.entries(state.tensors).map(([name, { shape, values }]) => [
              name,
              { shape, values: values.slice() },
            ])
            saved = { ...structuredClone({ ...state, tensors: {} }), tensors: Object.fromEntries(copies) }
          },
        }
        const stop = new AbortController()
        const calls = validate()
        const progress = (event: TrainingEvent) => event.record?.epoch === stopAt && stop.abort(new Error('stopped'))
        await expect(
          train(request({ ...changes, checkpoint: store, signal: stop.signal, progress, validate: calls })),
        ).rejects.toThrow('stopped')
        expect(saved!.epoch).toBe(stopAt - (stopAt % 3))
        const again = validate()
        for (let look = 0; look < Math.floor(saved!.epoch / 2); look++) again()
        const resumed = await train(request({ ...changes, checkpoint: store, validate: again }))
        expect(resumed.history).toEqual(whole.history)
        expect(resumed.bestEpoch).toBe(whole.bestEpoch)
        expect(resumed.embeddings).toEqual(whole.embeddings)
      }
    },
  )

  it('keeps the vectors of the best epoch and stops when patience is over', async () => {
    const seen: number[][] = []
    const values = [0.1, 0.5, 0.4, 0.45, 0.3, 0.9]
    const validate: TrainRequest['validate'] = ({ userVectors }) => {
      seen.push([...userVectors])
      return values[seen.length - 1]
    }
    const { history, bestEpoch, embeddings } = await train(
      request({ validate, options: { epochs: 100, batchSize: 32, validateEvery: 2, patience: 3 } }),
    )
    expect(history).toHaveLength(10)
    expect(bestEpoch).toBe(4)
    expect([...embeddings.userVectors]).toEqual(seen[1])
    expect(history.map(({ validation }) => validation)).toEqual([
      undefined,
      0.1,
      undefined,
      0.5,
      undefined,
      0.4,
      undefined,
      0.45,
      undefined,
      0.3,
    ])
  })

  it('lets the learning rate fall before it stops, and a training without validation repeats that', async () => {
    const values = [0.1, 0.05, 0.2, 0.1, 0.1]
    const options = { ...request().options, patience: 1, learningRateDrops: 2 }
    let call = 0
    const chosen = await train(request({ options, validate: () => values[call++] }))
    expect(chosen).toMatchObject({ bestEpoch: 6, drops: [4, 8] })
    expect(chosen.history).toHaveLength(10)
    const repeat = (drops: readonly number[]) => train(request({ options, course: { bestEpoch: 6, drops } }))
    expect((await repeat(chosen.drops)).embeddings).toEqual(chosen.embeddings)
    expect((await repeat([])).embeddings).not.toEqual(chosen.embeddings)
  })

  it.each(['adam', 'adagrad'] as const)('%s: a learning rate that fell is a tenth', async optimizer => {
    const options = { ...request().options, optimizer }
    const fallen = await train(request({ options, course: { bestEpoch: 3, drops: [0] } }))
    const lower = await train(request({ options: { ...options, epochs: 3, learningRate: 0.001 } }))
    expect(fallen.embeddings).toEqual(lower.embeddings)
  })

  it('never draws what is forbidden, and counts positives without a negative', async () => {
    const all = { users: [] as number[], items: [] as number[] }
    for (let item = 0; item < data.items; item++) {
      all.users.push(0)
      all.items.push(item)
    }
    const { pattern } = buildCsr(
      [...all.users, ...rows(data)],
      [...all.items, ...data.byUser.indices],
      data.users,
      data.items,
    )
    const forbidden = { offsets: pattern.offsets, indices: pattern.indices }
    const unique = dedupe(forbidden)
    const { history } = await train(request({ forbidden: unique, options: { epochs: 1, batchSize: 32 } }))
    expect(history[0].skipped).toBe(data.byUser.offsets[1] - data.byUser.offsets[0])
  })

  it('weights change what is learned', async () => {
    const weights = Float32Array.from({ length: data.interactions }, (_, entry) => (entry % 2 ? 0.1 : 1))
    expect(await bytesOf({ train: { ...data, weights } })).not.toEqual(await bytesOf({}))
  })

  it('ends with epoch, batch, options and remedy when the loss is not finite', async () => {
    const weights = new Float32Array(data.interactions).fill(Number.NaN)
    await expect(train(request({ train: { ...data, weights } }))).rejects.toThrow(
      'the loss is not a finite number at epoch 1, batch 1 (--learning-rate 0.01, --regularization 0.0001, --batch-size 32): lower --learning-rate, the usual cause',
    )
  })

  it('names an option out of range and an unknown one', async () => {
    await expect(train(request({ options: { epochs: 0 } }))).rejects.toThrow(
      /^training: --epochs: .*got 0 \(default 300; 1 to 100000; in epochs\)$/,
    )
    await expect(train(request({ options: { epoch: 3 } as object }))).rejects.toThrow(
      'training: unknown option --epoch; known are --epochs,',
    )
    await expect(train(request({ sampler: { part: 'mixgfc' } }))).rejects.toThrow(
      `unknown sampler "mixgfc": known are ${samplers.names.join(', ')}; did you mean "mixgcf"?`,
    )
  })
})

function rows({ byUser }: Dataset): number[] {
  const found: number[] = []
  for (let user = 0; user + 1 < byUser.offsets.length; user++)
    for (let e = byUser.offsets[user]; e < byUser.offsets[user + 1]; e++) found.push(user)
  return found
}

function dedupe({ offsets, indices }: { offsets: Int32Array; indices: Int32Array }) {
  const kept: number[] = []
  const starts = [0]
  for (let row = 0; row + 1 < offsets.length; row++) {
    kept.push(...new Set(indices.subarray(offsets[row], offsets[row + 1])))
    starts.push(kept.length)
  }
  return { offsets: Int32Array.from(starts), indices: Int32Array.from(kept) }
}
