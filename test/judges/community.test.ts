import { expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { community } from '../../src/judges/community.ts'
import { NEGATIVE, POSITIVE } from '../../src/judges/judge.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { fitIals, ials } from '../../src/models/baselines/ials.ts'
import { randomCodes } from '../support/judging.ts'

it('finds two groups that never meet, and judges by the share of the history in the group of the candidate', async () => {
  // users 0 to 3 have items 0 to 3 but one each, users 4 to 7 items 4 to 7; user 8 has three of the first and one of the second
  const pairs: [number, number][] = []
  for (let user = 0; user < 8; user++)
    for (let at = 0; at < 4; at++) if (at !== user % 4) pairs.push([user, 4 * Math.floor(user / 4) + at])
  for (const item of [0, 1, 2, 4]) pairs.push([8, item])
  const range = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
  const columns = { users: pairs.map(([user]) => user), items: pairs.map(([, item]) => item) }
  const train = createDataset(columns, range(9), range(8))
  const judge = (options: object) =>
    community.create({ train, codes: randomCodes(8), kernels: createKernels(), seed: 1 }, options)
  // candidates of each user: what is left of the own group, or one of the other
  const asked = { k: 2, items: new Int32Array(18).fill(-1), scores: new Float32Array(18) }
  asked.items.set([0, 5], 0)
  asked.items.set([3, 5], 16)
  const { labels, confidence, provenance } = await judge({}).judge(asked)
  expect(provenance.details).toEqual({ communities: 2 })
  expect([labels[0], labels[1], labels[16], labels[17]]).toEqual([POSITIVE, NEGATIVE, POSITIVE, NEGATIVE])
  expect([confidence[0], confidence[1], confidence[16], confidence[17]]).toEqual([1, 0, 0.75, 0.25])
  const generous = await judge({ minShare: 0.2 }).judge(asked)
  expect([generous.labels[1], generous.labels[17]]).toEqual([NEGATIVE, POSITIVE])
})

it('filters what is further from the user, by ALS vectors, than a quantile of what the user has, and keeps confidences', async () => {
  const [users, items] = [20, 24]
  const has = (user: number, item: number) => (item * 7 + user * 5) % 11 < 4
  const pairs = Array.from({ length: users * items }, (_, at) => [Math.floor(at / items), at % items]).filter(
    ([user, item]) => has(user, item),
  )
  const range = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
  const columns = { users: pairs.map(([user]) => user), items: pairs.map(([, item]) => item) }
  const train = createDataset(columns, range(users), range(items))
  const kernels = createKernels()
  const every = Int32Array.from({ length: users * items }, (_, at) => at % items)
  const asked = { k: items, items: every, scores: new Float32Array(users * items) }
  const filtered = (noiseQuantile: number) =>
    community
      .create({ train, codes: randomCodes(items), kernels, seed: 1 }, { minShare: 0, noiseQuantile })
      .judge(asked)
  const { dimensions: d, userVectors, itemVectors } = fitIals(train, kernels, ials.options.parse({}), 1)
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * b[at], 0)
  const cosine = (user: number, item: number) => {
    const [u, i] = [userVectors.subarray(user * d, (user + 1) * d), itemVectors.subarray(item * d, (item + 1) * d)]
    return dot(u, i) / Math.sqrt(dot(u, u) * dot(i, i))
  }
  const { labels, confidence } = await filtered(0.5)
  for (let user = 0; user < users; user++) {
    const own = pairs.flatMap(([other, item]) => (other === user ? [cosine(user, item)] : [])).sort((a, b) => a - b)
    const median = own[Math.floor((own.length - 1) / 2)]
    for (let item = 0; item < items; item++) {
      // the item of the median itself, whose cosine is rounded in another way
      if (Math.abs(cosine(user, item) - median) < 1e-6) continue
      expect(labels[user * items + item], `${user} ${item}`).toBe(cosine(user, item) > median ? POSITIVE : NEGATIVE)
    }
  }
  expect((await filtered(0)).labels).not.toContain(NEGATIVE)
  expect((await filtered(0)).confidence).toEqual(confidence)
})
