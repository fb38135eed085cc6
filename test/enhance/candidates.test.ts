import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary, type Dataset } from '../../src/dataset/dataset.ts'
import { generateCandidates } from '../../src/enhance/candidates.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { embeddingRecommender } from '../../src/models/embeddings.ts'
import { checkerboard, randomDataset } from '../support/toy.ts'

const vocabulary = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))

/** Scores item i with its number for every user. */
function byNumber(train: Dataset, kernels = createKernels()) {
  const { users, items } = train
  const userVectors = Float32Array.from({ length: users * 4 }, (_, i) => Number(i % 4 === 0))
  const itemVectors = Float32Array.from({ length: items * 4 }, (_, i) => (i % 4 === 0 ? i / 4 : 0))
  return embeddingRecommender({ users, items, dimensions: 4, userVectors, itemVectors }, kernels, train)
}

// user 0 has 5 and 3, user 1 nothing, user 2 all but 1
const train = createDataset(
  { users: [0, 0, 2, 2, 2, 2, 2], items: [5, 3, 0, 2, 3, 4, 5] },
  vocabulary(3),
  vocabulary(6),
)

describe.each([
  ['wasm', () => createKernels()],
  ['reference', () => createReferenceKernels()],
])('generateCandidates with %s kernels', (_name, kernels) => {
  it('the best unobserved items of users with interactions', async () => {
    const recommender = byNumber(train, kernels())
    const { items, scores, k } = await generateCandidates({ recommender, train, options: { k: 3 }, seed: 1 })
    expect(k).toBe(3)
    expect([...items]).toEqual([4, 2, 1, -1, -1, -1, 1, -1, -1])
    const none = Number.NEGATIVE_INFINITY
    expect([...scores]).toEqual([4, 2, 1, none, none, none, 1, none, none])
  })
})

it('20 a user unless told otherwise, unobserved, for more users than go at once', async () => {
  const data = randomDataset(2100, 40, 0.1)
  const done: number[] = []
  const recommender = byNumber(data)
  const { items, k } = await generateCandidates({
    recommender,
    train: data,
    seed: 1,
    progress: users => done.push(users),
  })
  expect(k).toBe(20)
  expect(done).toEqual([1024, 2048, 2100])
  for (let user = 0; user < data.users; user++) {
    const own = columnsOf(data.byUser, user)
    const expected = Array.from({ length: 40 }, (_, i) => 39 - i)
      .filter(item => !own.includes(item))
      .slice(0, 20)
    expect([...items.subarray(user * 20, user * 20 + expected.length)]).toEqual(expected)
  }
})

it('the seed orders equal scores', async () => {
  const data = checkerboard(12)
  const equal = {
    users: 12,
    items: 12,
    dimensions: 4,
    userVectors: new Float32Array(48),
    itemVectors: new Float32Array(48),
  }
  const items = async (seed: number) => {
    const recommender = embeddingRecommender(equal, createKernels(), data)
    return (await generateCandidates({ recommender, train: data, options: { k: 3 }, seed })).items
  }
  expect(await items(1)).toEqual(await items(1))
  expect(await items(1)).not.toEqual(await items(2))
})

it('refuses a wrong k, and stops when aborted', async () => {
  const request = { recommender: byNumber(train), train, seed: 1 }
  await expect(generateCandidates({ ...request, options: { k: 0 } })).rejects.toThrow(/^candidates: --k: .*got 0/)
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(generateCandidates({ ...request, signal })).rejects.toThrow('enough')
})
