import { describe, expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import type { DecayOptions } from '../../src/models/decay.ts'
import { type Embeddings, embeddingRecommender } from '../../src/models/embeddings.ts'
import { fuse } from '../../src/models/fusion.ts'
import { models } from '../../src/models/index.ts'
import { openStored } from '../../src/models/open-stored.ts'
import type { Recommender } from '../../src/models/recommender.ts'
import type { StoredRecommender } from '../../src/models/stored.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { derive, randomStream } from '../../src/random.ts'
import { unseenBy } from '../support/requests.ts'
import { randomDataset, timed } from '../support/toy.ts'

const data = timed(randomDataset(20, 30, 0.2), 'clock')
const D = 8

function table(rows: number, seed: number): Float32Array {
  const random = randomStream(derive(seed, 'table'))
  return Float32Array.from({ length: rows * D }, () => random.uniform() - 0.5)
}

const vectors: Embeddings = {
  ...{ users: data.users, items: data.items, dimensions: D },
  ...{ userVectors: table(data.users, 1), itemVectors: table(data.items, 2) },
}
const propagated = { users: table(data.users, 3), items: table(data.items, 4), hops: 3 }

const kernels = createKernels()
const RECENCY = { decay: 0.5, halfLife: 3 }
const byVectors = (embeddings: Embeddings, decay?: DecayOptions) =>
  embeddingRecommender(embeddings, kernels, data, decay)
const fitted = (name: string, options = {}) => baselines.get(name).fit({ train: data, kernels, seed: 1 }, options)
const cases: [string, () => Recommender][] = [
  ...baselines.names.map(name => [name, () => fitted(name)] as [string, () => Recommender]),
  ...['ease', 'item-knn', 'ials'].map(
    name => [`${name} with recency`, () => fitted(name, RECENCY)] as [string, () => Recommender],
  ),
  ['vectors with recency', () => byVectors({ ...vectors, propagated }, RECENCY)],
  ['vectors folded in by least squares', () => byVectors(vectors)],
  ['vectors folded in by propagation', () => byVectors({ ...vectors, propagated })],
  ['a fusion', () => fuse({ kernels, first: byVectors(vectors), second: fitted('rp3beta'), share: 0.3, depth: 10 })],
]

/** The same in ordinary memory, as it is read from a file. */
function detached({ tensors, parts, ...rest }: StoredRecommender): StoredRecommender {
  const copies = Object.entries(tensors).map(([name, { shape, values }]) => [name, { shape, values: values.slice() }])
  const own = Object.entries(parts ?? {}).map(([role, part]) => [role, detached(part)])
  return { ...rest, tensors: Object.fromEntries(copies), parts: Object.fromEntries(own) }
}

describe.each(cases)('%s', (_name, make) => {
  it('ranks the same when it is stored and opened by other kernels', () => {
    const recommender = make()
    const opened = openStored(detached(recommender.store!()), createKernels(), 'the test')
    const known = unseenBy(data)
    const request = { ...known, k: 7, tieRank: tieRanks(data.items, 1) }
    const expected = recommender.recommend(request)
    expect(expected.scores[0]).toBeGreaterThan(expected.scores[6])
    expect(opened.recommend(request)).toEqual(expected)
    // and for histories that nobody had in training
    const strangers = { ...request, users: new Int32Array(data.users).fill(-1) }
    expect(opened.recommend(strangers)).toEqual(recommender.recommend(strangers))
  })
})

it('neumf: ranks the same when it is stored and opened by other kernels, for the users it was trained on', () => {
  const create = models.get('neumf').scorer!
  const { parameters } = create(kernels, 2 * D, ['mlp.2.weight'])
  const values = Object.fromEntries(
    Object.entries(parameters).map(([name, own], at) => [name, table(own.values.length / D, 10 + at)]),
  )
  const wide = { userVectors: table(2 * data.users, 1), itemVectors: table(2 * data.items, 2), dimensions: 2 * D }
  const recommender = byVectors({ ...vectors, ...wide, scorer: { model: 'neumf', create, values } })
  const opened = openStored(detached(recommender.store!()), createKernels(), 'the test')
  const request = { ...unseenBy(data), k: 7, tieRank: tieRanks(data.items, 1) }
  const expected = recommender.recommend(request)
  expect(expected.scores[0]).toBeGreaterThan(expected.scores[6])
  expect(opened.recommend(request)).toEqual(expected)
  // twice, since what depends on the items alone is kept
  expect(opened.recommend(request)).toEqual(expected)
  expect(opened.needsUsers).toBe(recommender.needsUsers)
})

describe('a stored model that is not whole', () => {
  const stored = byVectors(vectors).store!()

  it.each([
    [{ ...stored, kind: 'tree' }, 'x: this version of dualtree knows no model of kind "tree"'],
    [{ ...stored, tensors: {} }, 'x: the model has no tensor "fold_gram"; export it again'],
    [{ ...stored, kind: 'fusion' }, 'x: the model has no part "first"; export it again'],
  ])('is refused', (broken, message) => {
    expect(() => openStored(broken, kernels, 'x')).toThrow(message)
  })
})
