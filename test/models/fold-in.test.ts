import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Histories } from '../../src/dataset/histories.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { ials } from '../../src/models/baselines/ials.ts'
import { type Embeddings, embeddingRecommender } from '../../src/models/embeddings.ts'
import { ridgeFoldIn, weightedGram } from '../../src/models/fold-in.ts'
import { models } from '../../src/models/index.ts'
import type { EmbeddingDefinition } from '../../src/models/model.ts'
import { loadEmbeddings, saveEmbeddings } from '../../src/models/model-file.ts'
import { packVectors, residentHistories } from '../../src/models/rows.ts'
import { bce } from '../../src/objectives/bce.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { train } from '../../src/training/trainer.ts'
import { usersOf } from '../support/requests.ts'
import { randomDataset, randomFloats } from '../support/toy.ts'

const data = randomDataset(20, 30, 0.2)
const D = 8
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dualtree-fold-in-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function trained(name: string, options: object = {}): Promise<Embeddings> {
  const definition = models.get(name) as EmbeddingDefinition
  let validations = 0
  const { embeddings } = await train({
    kernels: createKernels(),
    train: data,
    model: { part: definition, options: { dimensions: D, ...options } },
    sampler: { part: 'uniform' },
    objective: { part: definition.scorer ? bce : bpr },
    // the best epoch is not the last one: what is kept of the model must be of the same epoch as the vectors
    options: { epochs: 6, batchSize: 32, learningRate: 0.05, validateEvery: 1, patience: 10 },
    validate: () => (++validations === 3 ? 1 : 0),
    seed: 1,
  })
  return embeddings
}

/** All scores of rows [rows × I]. */
function scoresOf(
  embeddings: Embeddings,
  block: Parameters<NonNullable<ReturnType<typeof embeddingRecommender>['score']>>[0],
) {
  const kernels = createKernels()
  const scores = kernels.memory.floats((block.histories.offsets.length - 1) * embeddings.items)
  embeddingRecommender(embeddings, kernels, data).score!(block, scores)
  return scores
}

const withItem = (histories: Histories, item: number): Histories => {
  const rows = Array.from({ length: histories.offsets.length - 1 }, (_, row) =>
    [...new Set([...columnsOf(histories, row), item])].sort((a, b) => a - b),
  )
  const offsets = [0]
  for (const row of rows) offsets.push(offsets.at(-1)! + row.length)
  return { offsets: Int32Array.from(offsets), indices: Int32Array.from(rows.flat()) }
}

describe('models that propagate', () => {
  it.each([
    ['lightgcn', {}],
    ['lightgcn', { itemGraphWeight: 0.5, itemGraphNeighbors: 3, layers: 2 }],
    ['simgcl', {}],
    ['xsimgcl', {}],
  ])('%s %o: a history that is folded in has the trained vector, scores within 1e-6', async (name, options) => {
    const embeddings = await trained(name, options)
    const block = usersOf(data)
    const known = scoresOf(embeddings, block)
    // values of 1 change nothing but that no vector is looked up
    const values = new Float32Array(block.histories.indices.length).fill(1)
    const folded = scoresOf(embeddings, { ...block, histories: { ...block.histories, values } })
    known.forEach((score, at) => {
      expect(Math.abs(folded[at] - score)).toBeLessThan(1e-6)
    })
    const strangers = scoresOf(embeddings, { histories: block.histories })
    expect(strangers.every(Number.isFinite)).toBe(true)
    expect(strangers).not.toEqual(known)
  })

  it('have for a stranger what least squares make of the item vectors', async () => {
    const { propagated: _, ...vectors } = await trained('lightgcn')
    const { histories } = usersOf(data)
    const ridge = { unobservedWeight: 0.03, regularization: 0.05 }
    expect(scoresOf(await trained('lightgcn'), { histories })).toEqual(scoresOf({ ...vectors, ridge }, { histories }))
  })

  it('know nothing of a user without any history in training but the history that is given', async () => {
    const embeddings = await trained('lightgcn')
    const kernels = createKernels()
    const empty = { byUser: { ...data.byUser, offsets: Int32Array.from(data.byUser.offsets).fill(0, 0, 2) } }
    const recommender = embeddingRecommender(embeddings, kernels, empty)
    const histories = { offsets: Int32Array.of(0, 2), indices: Int32Array.of(3, 8) }
    const [known, stranger] = [0, -1].map(user => {
      const scores = kernels.memory.floats(data.items)
      recommender.score!({ histories, users: Int32Array.of(user) }, scores)
      return scores
    })
    expect(known).toEqual(stranger)
  })

  it('are read as they were written', async () => {
    const embeddings = await trained('lightgcn')
    const path = join(directory, 'lightgcn.safetensors')
    await saveEmbeddings(path, embeddings, { model: 'lightgcn' })
    const block = { histories: usersOf(data).histories }
    expect(scoresOf(await loadEmbeddings(path), block)).toEqual(scoresOf(embeddings, block))
  })
})

describe('a user whose history has grown', () => {
  it.each(['lightgcn', 'mf', 'lmf', 'ngcf'])('%s: is folded in, alone as among many', async name => {
    const embeddings = await trained(name)
    const block = usersOf(data)
    const grown = { ...block, histories: withItem(block.histories, 7) }
    const scores = scoresOf(embeddings, grown)
    const known = scoresOf(embeddings, block)
    for (let user = 0; user < data.users; user++) {
      const own = scores.slice(user * data.items, (user + 1) * data.items)
      const had = columnsOf(data.byUser, user).includes(7)
      const before = known.slice(user * data.items, (user + 1) * data.items)
      if (had) expect(own).toEqual(before)
      else expect(own).not.toEqual(before)
      const [from, to] = grown.histories.offsets.subarray(user, user + 2)
      const alone = { offsets: Int32Array.of(0, to - from), indices: grown.histories.indices.slice(from, to) }
      expect(scoresOf(embeddings, { users: Int32Array.of(user), histories: alone })).toEqual(own)
    }
  })

  it('neumf: is refused, and so is a stranger; the users it was trained on are not', async () => {
    const embeddings = await trained('neumf')
    const recommender = embeddingRecommender(embeddings, createKernels(), data)
    expect(recommender.needsUsers).toContain('belong to the users it was trained on')
    const block = usersOf(data)
    expect(scoresOf(embeddings, block).every(Number.isFinite)).toBe(true)
    expect(() => scoresOf(embeddings, { histories: block.histories })).toThrow(
      'a history is not that of a user it was trained on: its vectors belong to the users it was trained on',
    )
    expect(() => scoresOf(embeddings, { ...block, histories: withItem(block.histories, 7) })).toThrow(
      'a history is not that of a user',
    )
  })
})

describe('least squares', () => {
  it('ials: a stranger has the scores of a user with the same history, within 1e-3', () => {
    const kernels = createKernels()
    const recommender = ials.fit({ train: data, kernels, seed: 1 }, { dimensions: D, epochs: 300 })
    const block = usersOf(data)
    const [known, folded] = [0, 1].map(() => kernels.memory.floats(data.users * data.items))
    recommender.score!(block, known)
    recommender.score!({ histories: block.histories }, folded)
    expect(Math.max(...known)).toBeGreaterThan(0.5)
    known.forEach((score, at) => {
      expect(Math.abs(folded[at] - score)).toBeLessThan(1e-3)
    })
  })

  it.each([
    ['wasm', () => createKernels()],
    ['reference', () => createReferenceKernels()],
  ])('%s: the gradient of the loss is zero within 1e-4, with weights', (_name, create) => {
    const kernels = create()
    const itemVectors = Float32Array.from(randomFloats(kernels, 30 * D, 3))
    const [alpha, lambda] = [0.1, 0.05]
    const { histories } = usersOf(data)
    const values = histories.indices.map(item => 1 + (item % 3))
    const out = kernels.memory.floats(data.users * D)
    const block = { histories: residentHistories(kernels.memory, { ...histories, values: Float32Array.from(values) }) }
    const gram = kernels.memory.floats(D * D)
    weightedGram(kernels, kernels.memory.copy(itemVectors), D, alpha, gram)
    const options = { unobservedWeight: alpha, regularization: lambda }
    ridgeFoldIn(kernels, packVectors(kernels, itemVectors, D), 30, gram, options)(block, out)
    const row = (table: ArrayLike<number>, at: number) => Array.from({ length: D }, (_, d) => table[at * D + d])
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * b[d], 0)
    for (let user = 0; user < data.users; user++) {
      const own = row(out, user)
      const entries = Array.from(
        { length: histories.offsets[user + 1] - histories.offsets[user] },
        (_, at) => histories.offsets[user] + at,
      )
      const total = entries.reduce((sum, entry) => sum + values[entry], 0)
      const gradient = own.map(value => lambda * (total + alpha * 30) * value)
      const add = (item: number, factor: number) =>
        row(itemVectors, item).forEach((value, d) => {
          gradient[d] += factor * value
        })
      for (let item = 0; item < 30; item++) add(item, alpha * dot(own, row(itemVectors, item)))
      for (const entry of entries)
        add(histories.indices[entry], values[entry] * (dot(own, row(itemVectors, histories.indices[entry])) - 1))
      expect(Math.hypot(...gradient)).toBeLessThan(1e-4)
    }
  })
})
