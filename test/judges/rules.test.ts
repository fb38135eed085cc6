import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { judges } from '../../src/judges/index.ts'
import { candidatePairs, NEGATIVE, NO_CANDIDATE, POSITIVE } from '../../src/judges/judge.ts'
import { bestSharedPrefix, rateByPrefix } from '../../src/judges/shared-prefix.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { codeOf, packCodes, sharedPrefix } from '../../src/trees/codes.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'

const vocabulary = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))

// user 0 has items 0 and 1, user 1 has item 2; candidates are 3 to 6
const train = createDataset({ users: [0, 0, 1], items: [0, 1, 2] }, vocabulary(2), vocabulary(7))
const codes = {
  structural: packCodes([[0, 0, 1], [1, 1], [2], [0, 0, 2], [1, 0], [2, 2], [3]]),
  semantic: packCodes([[0, 0], [0, 1, 1, 0], [1], [2, 2], [0, 1, 1, 1], [1, 0], []]),
}
const candidates = { k: 3, items: Int32Array.of(3, 4, 6, 5, 3, -1), scores: new Float32Array(6) }

async function judge(name: string, options: object = {}, seed = 1) {
  return judges.get(name).create({ train, codes, kernels: createKernels(), seed }, options).judge(candidates)
}

describe.each([
  ['wasm', () => createKernels()],
  ['reference', () => createReferenceKernels()],
])('bestSharedPrefix with %s kernels', (_name, kernels) => {
  it('by hand: the better view, the best of the history', async () => {
    // item 3 shares 0-0 with item 0 (co); item 4 shares 0-1-1 with item 1 (emb); item 5 shares 2 and 1 with item 2
    const shared = await bestSharedPrefix(candidates, codes, train.byUser, kernels())
    expect([...shared]).toEqual([2, 3, 0, 1, 0, 0])
  })

  it('equals the definition for more users than go at once', async () => {
    const data = randomDataset(5000, 30, 0.05)
    const [asked, views] = [randomCandidates(data, 2), randomCodes(30)]
    const shared = await bestSharedPrefix(asked, views, data.byUser, kernels())
    asked.items.forEach((item, place) => {
      const [from, to] = data.byUser.offsets.subarray(Math.floor(place / 2), Math.floor(place / 2) + 2)
      let expected = 0
      for (const known of item < 0 ? [] : data.byUser.indices.subarray(from, to))
        for (const view of [views.structural, views.semantic])
          expected = Math.max(expected, sharedPrefix(codeOf(view, item), codeOf(view, known)))
      if (shared[place] !== expected) expect(`place ${place}: ${shared[place]}`).toBe(`place ${place}: ${expected}`)
    })
    expect(Math.max(...shared)).toBeGreaterThan(2)
  })
})

describe('prefix', () => {
  it('positive from minPrefix steps on, confidence the share of the deepest path', async () => {
    const { labels, confidence } = await judge('prefix', { minPrefix: 2 })
    expect([...labels]).toEqual([POSITIVE, POSITIVE, NEGATIVE, NEGATIVE, NEGATIVE, NO_CANDIDATE])
    expect([...confidence]).toEqual([0.5, 0.75, 0, 0.25, 0, 0])
  })

  it('without minPrefix goes one step short of the mean code, and says so', async () => {
    // 27 steps in 14 codes: 2, less one
    const { labels, provenance } = await judge('prefix')
    expect([...labels]).toEqual([POSITIVE, POSITIVE, NEGATIVE, POSITIVE, NEGATIVE, NO_CANDIDATE])
    expect(provenance).toEqual({
      judge: 'prefix',
      options: { views: 'both', flips: 0 },
      seed: 1,
      details: { minPrefix: 1 },
    })
  })

  it('goes by one tree alone when told so', async () => {
    // by hand: items 3, 4 and 6 against 0 and 1, items 5 and 3 against 2
    const positives = async (views: string) => (await judge('prefix', { views, minPrefix: 1 })).labels
    expect([...(await positives('structural'))]).toEqual([
      POSITIVE,
      POSITIVE,
      NEGATIVE,
      POSITIVE,
      NEGATIVE,
      NO_CANDIDATE,
    ])
    expect([...(await positives('semantic'))]).toEqual([NEGATIVE, POSITIVE, NEGATIVE, POSITIVE, NEGATIVE, NO_CANDIDATE])
    expect((await judge('prefix', { views: 'semantic' })).provenance.details).toEqual({ minPrefix: 1 })
  })

  it('turns verdicts round with the probability of flips, within 3 standard deviations', async () => {
    const data = randomDataset(600, 200, 0.02)
    const asked = randomCandidates(data, 10)
    const context = { train: data, codes: randomCodes(200), kernels: createKernels(), seed: 1 }
    const labelsFor = async (flips: number) =>
      (await judges.get('prefix').create(context, { flips }).judge(asked)).labels
    const straight = await labelsFor(0)
    const places = [...straight.keys()].filter(place => straight[place] !== NO_CANDIDATE)
    for (const flips of [0.25, 1]) {
      const turned = await labelsFor(flips)
      const share = places.filter(place => turned[place] !== straight[place]).length / places.length
      expect(Math.abs(share - flips)).toBeLessThanOrEqual(3 * Math.sqrt((flips * (1 - flips)) / places.length))
    }
  })

  it('calls nothing positive when both trees are single leaves', async () => {
    const empty = packCodes([[], [], [], [], [], [], []])
    const context = { train, codes: { structural: empty, semantic: empty }, kernels: createKernels(), seed: 1 }
    const { labels } = await judges.get('prefix').create(context, {}).judge(candidates)
    expect([...labels]).toEqual([NEGATIVE, NEGATIVE, NEGATIVE, NEGATIVE, NEGATIVE, NO_CANDIDATE])
  })

  it('reports its users, and gives its memory back', async () => {
    const kernels = createKernels()
    const { bytes } = kernels.memory.usage
    const seen: [number, number][] = []
    const progress = (done: number, users: number) => seen.push([done, users])
    await judges.get('prefix').create({ train, codes, kernels, seed: 1 }, {}).judge(candidates, { progress })
    expect(seen).toEqual([[2, 2]])
    expect(kernels.memory.usage.bytes).toBe(bytes)
  })
})

it('accept-all accepts all', async () => {
  const { labels, confidence } = await judge('accept-all')
  expect([...labels]).toEqual([POSITIVE, POSITIVE, POSITIVE, POSITIVE, POSITIVE, NO_CANDIDATE])
  expect([...confidence]).toEqual([1, 1, 1, 1, 1, 0])
})

describe('random', () => {
  const data = randomDataset(600, 200, 0.02)
  const asked = randomCandidates(data, 10)
  const labelsFor = async (rate: number, seed = 1) =>
    (
      await judges
        .get('random')
        .create({ train: data, codes: randomCodes(200), kernels: createKernels(), seed }, { rate })
        .judge(asked)
    ).labels

  it.each([0, 0.25, 1])('rate %d, within 3 standard deviations', async rate => {
    const labels = (await labelsFor(rate)).filter(label => label !== NO_CANDIDATE)
    const share = labels.filter(label => label === POSITIVE).length / labels.length
    expect(Math.abs(share - rate)).toBeLessThanOrEqual(3 * Math.sqrt((rate * (1 - rate)) / labels.length))
  })

  it('another seed, other verdicts; a higher rate keeps the positives of a lower', async () => {
    expect(await labelsFor(0.5, 2)).not.toEqual(await labelsFor(0.5))
    const [few, many] = [await labelsFor(0.2), await labelsFor(0.6)]
    few.forEach((label, place) => {
      if (label === POSITIVE) expect(many[place]).toBe(POSITIVE)
    })
  })
})

it('rateByPrefix counts candidates and positives of each length', () => {
  const labels = Int8Array.of(POSITIVE, POSITIVE, NEGATIVE, NEGATIVE, POSITIVE, NO_CANDIDATE)
  expect(rateByPrefix(labels, Int32Array.of(2, 3, 0, 1, 0, 0), 4)).toEqual([
    { prefix: 0, candidates: 2, positives: 1 },
    { prefix: 1, candidates: 1, positives: 0 },
    { prefix: 2, candidates: 1, positives: 1 },
    { prefix: 3, candidates: 1, positives: 1 },
    { prefix: 4, candidates: 0, positives: 0 },
  ])
})

it('candidatePairs lists places in their order', () => {
  expect(candidatePairs(candidates)).toEqual({
    places: Int32Array.of(0, 1, 2, 3, 4),
    users: Int32Array.of(0, 0, 0, 1, 1),
    items: Int32Array.of(3, 4, 6, 5, 3),
  })
  expect(candidatePairs(candidates, place => place > 2).items).toEqual(Int32Array.of(5, 3))
})
