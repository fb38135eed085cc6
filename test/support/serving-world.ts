/** Small models that serve, in folders. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createDataset, createVocabulary, type Dataset } from '../../src/dataset/dataset.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { embeddingRecommender } from '../../src/models/embeddings.ts'
import { fuse } from '../../src/models/fusion.ts'
import { models } from '../../src/models/index.ts'
import type { Recommender } from '../../src/models/recommender.ts'
import { derive, randomStream } from '../../src/random.ts'
import { contentOf, type ModelSource } from '../../src/serving/model/content.ts'
import { writeModelFolder } from '../../src/serving/model/model-folder.ts'
import { openModel } from '../../src/serving/model/open-model.ts'

export const ITEMS = ['anorak', 'boots', 'cap', 'dress', 'earmuffs', 'fleece', 'gloves', 'hat', 'ice axe', 'jacket']

/** User n has interacted with items n … n + 3, round the end, the newest last. */
export function shop(): Dataset {
  const users = Array.from({ length: 10 }, (_, user) => `u${user}`)
  const pairs = users.flatMap((_, user) => [0, 1, 2, 3].map(step => ({ user, item: (user + step) % 10, time: step })))
  return createDataset(
    {
      users: pairs.map(({ user }) => user),
      items: pairs.map(({ item }) => item),
      timestamps: pairs.map(({ time }) => time),
    },
    createVocabulary(users),
    createVocabulary(ITEMS),
  )
}

export const kernels = createKernels()

export function vectorsFor(data: Dataset, dimensions = 8): Recommender {
  const table = (rows: number, name: string) => {
    const random = randomStream(derive(7, name))
    return Float32Array.from({ length: rows * dimensions }, () => random.uniform() - 0.4)
  }
  const { users, items } = data
  const tables = { userVectors: table(users, 'users'), itemVectors: table(items, 'items') }
  return embeddingRecommender({ users, items, dimensions, ...tables }, kernels, data)
}

/** Ranks for the users it was trained on alone. */
export function networkFor(data: Dataset): Recommender {
  const create = models.get('neumf').scorer!
  const { parameters } = create(kernels, 8, ['mlp.2.weight'])
  const filled = (length: number, name: string) => {
    const random = randomStream(derive(7, name))
    return Float32Array.from({ length }, () => random.uniform() - 0.4)
  }
  const values = Object.entries(parameters).map(([name, own]) => [name, filled(own.values.length, name)])
  const { users, items } = data
  const scorer = { model: 'neumf', create, values: Object.fromEntries(values) }
  const tables = { userVectors: filled(8 * users, 'users'), itemVectors: filled(8 * items, 'items'), scorer }
  return embeddingRecommender({ users, items, dimensions: 8, ...tables }, kernels, data)
}

export const fitted = (name: string, data: Dataset) => baselines.get(name).fit({ train: data, kernels, seed: 1 }, {})

export const fused = (data: Dataset) =>
  fuse({ kernels, first: vectorsFor(data), second: fitted('rp3beta', data), share: 0.4, depth: 8 })

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dualtree-serving-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export function sourceOf(recommender: Recommender, data: Dataset, more: Partial<ModelSource> = {}): ModelSource {
  return {
    ...{ method: 'test', fittedOn: 'all', dataHash: 'abc', seed: 1, metrics: { 'recall@20': 0.5 } },
    ...{ recommender, data },
    ...more,
  }
}

/** Written to a folder and opened again. */
export async function served(source: ModelSource) {
  const folder = join(await temporaryDirectory(), 'model')
  await writeModelFolder(folder, contentOf(source))
  const model = await openModel(folder, { newRequestId: () => 'r' })
  onTestFinished(() => model.close())
  return model
}
