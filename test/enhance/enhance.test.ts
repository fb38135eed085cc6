import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary, type Dataset, pairsOf } from '../../src/dataset/dataset.ts'
import { applyVerdicts, enhanceOptions } from '../../src/enhance/enhance.ts'
import { INVALID, NEGATIVE, NO_CANDIDATE, POSITIVE } from '../../src/judges/judge.ts'
import { randomCandidates } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'

const vocabulary = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))
const listsOf = ({ byUser: { offsets, indices } }: Pick<Dataset, 'byUser'>) =>
  Array.from({ length: offsets.length - 1 }, (_, user) => [...indices.subarray(offsets[user], offsets[user + 1])])

// user 0 has 2 and 4, user 1 has 0
const train = createDataset({ users: [0, 0, 1], items: [2, 4, 0] }, vocabulary(2), vocabulary(6))
const candidates = { k: 3, items: Int32Array.of(3, 0, 5, 4, 1, -1), scores: new Float32Array(6) }
const verdicts = {
  labels: Int8Array.of(POSITIVE, POSITIVE, NEGATIVE, POSITIVE, INVALID, NO_CANDIDATE),
  confidence: Float32Array.of(0.5, 1, 0.25, 0.75, 0, 0),
}
const apply = (options: Parameters<typeof applyVerdicts>[3], data = train) =>
  applyVerdicts(data, candidates, verdicts, options)
const FORBIDDEN = [
  [0, 2, 3, 4],
  [0, 4],
]

describe('by hand', () => {
  it('positives: training pairs like any other', () => {
    const { train: enhanced, forbidden, added, edgeWeights } = apply({ use: 'positives' })
    expect(listsOf(enhanced)).toEqual(FORBIDDEN)
    expect(enhanced.weights).toBeUndefined()
    expect(edgeWeights).toBeUndefined()
    expect(listsOf({ byUser: forbidden })).toEqual(FORBIDDEN)
    expect(added).toEqual({ users: Int32Array.of(0, 0, 1), items: Int32Array.of(3, 0, 4) })
  })

  it('exclude: only never drawn as negatives', () => {
    const { train: same, forbidden, added } = apply({ use: 'exclude' })
    expect(same).toBe(train)
    expect(listsOf({ byUser: forbidden })).toEqual(FORBIDDEN)
    expect(added.items).toHaveLength(0)
  })

  it('weighted: confidence × weight in the loss, observed pairs 1', () => {
    const { train: enhanced, added, edgeWeights } = apply({ use: 'weighted', judgedWeight: 0.5 })
    expect(listsOf(enhanced)).toEqual(FORBIDDEN)
    expect(enhanced.weights).toEqual(Float32Array.of(0.5, 1, 0.25, 1, 1, 0.375))
    expect(added.weights).toEqual(Float32Array.of(0.25, 0.5, 0.375))
    expect(edgeWeights).toBeUndefined()
  })

  it('judgedEdges weighted: the same in the graph, where observed pairs have 1 whatever they have in the loss', () => {
    const weighted = { ...train, weights: Float32Array.of(3, 2, 4) }
    const { train: enhanced, edgeWeights } = apply({ use: 'weighted', judgedEdges: 'weighted' }, weighted)
    expect(enhanced.weights).toEqual(Float32Array.of(1, 3, 0.5, 2, 4, 0.75))
    expect(edgeWeights).toEqual(Float32Array.of(1, 1, 0.5, 1, 1, 0.75))
  })

  it('judgedEdges none: the graph has the observed pairs alone', () => {
    const { train: enhanced, graph, edgeWeights } = apply({ use: 'weighted', judgedEdges: 'none' })
    expect(listsOf(enhanced)).toEqual(FORBIDDEN)
    expect(graph).toBe(train)
    expect(edgeWeights).toBeUndefined()
    expect(apply({ use: 'weighted' }).graph).toBeUndefined()
  })

  it('rankDecay: the weight over a power of the place, whole at the first of each user', () => {
    const ranked = { ...verdicts, labels: Int8Array.of(POSITIVE, NEGATIVE, POSITIVE, POSITIVE, INVALID, NO_CANDIDATE) }
    const { added } = applyVerdicts(train, candidates, ranked, { use: 'weighted', rankDecay: 2 })
    expect(added).toMatchObject({ items: Int32Array.of(3, 5, 4), weights: Float32Array.of(0.5, 0.25 / 9, 0.75) })
  })

  it('lastPlace: judged candidates after it are never drawn, but teach nothing', () => {
    const { train: enhanced, forbidden, added } = apply({ use: 'weighted', lastPlace: 1 })
    expect(added).toEqual({
      users: Int32Array.of(0, 1),
      items: Int32Array.of(3, 4),
      weights: Float32Array.of(0.5, 0.75),
    })
    expect(listsOf(enhanced)).toEqual([
      [2, 3, 4],
      [0, 4],
    ])
    expect(listsOf({ byUser: forbidden })).toEqual(FORBIDDEN)
  })

  it('a candidate that is observed adds nothing', () => {
    const observed = { ...candidates, items: Int32Array.of(4, 2, 5, 4, 1, -1) }
    const { train: enhanced, added } = applyVerdicts(train, observed, verdicts, { use: 'positives' })
    expect(listsOf(enhanced)).toEqual([
      [2, 4],
      [0, 4],
    ])
    expect(added.items).toEqual(Int32Array.of(4))
  })
})

it('enhanced ⊇ train, forbidden = train ∪ positives with ascending rows, train itself unchanged', () => {
  const data = randomDataset(12, 30, 0.1)
  const asked = randomCandidates(data, 5)
  const before = structuredClone(pairsOf(data))
  const label = fc.constantFrom(POSITIVE, NEGATIVE, INVALID)
  const places = { minLength: asked.items.length, maxLength: asked.items.length }
  fc.assert(
    fc.property(
      fc.array(label, places),
      fc.constantFrom(...enhanceOptions.shape.use.unwrap().options),
      (drawn, use) => {
        const labels = Int8Array.from(drawn, (own, place) => (asked.items[place] < 0 ? NO_CANDIDATE : own))
        const confidence = new Float32Array(labels.length).fill(1)
        const { train: enhanced, forbidden, added } = applyVerdicts(data, asked, { labels, confidence }, { use })
        const expected = listsOf(data)
        labels.forEach((own, place) => {
          if (own === POSITIVE) expected[Math.floor(place / 5)].push(asked.items[place])
        })
        for (const row of expected) row.sort((a, b) => a - b)
        expect(listsOf({ byUser: forbidden })).toEqual(expected)
        expect(listsOf(enhanced)).toEqual(use === 'exclude' ? listsOf(data) : expected)
        expect(enhanced.interactions).toBe(data.interactions + added.items.length)
        expect(pairsOf(data)).toEqual(before)
      },
    ),
  )
})

it('every option does something', () => {
  const usual = { use: 'weighted' } as const
  const changes = { use: 'positives', judgedWeight: 0.3, rankDecay: 1, lastPlace: 1, judgedEdges: 'none' } as const
  expect(Object.keys(changes).sort()).toEqual(Object.keys(enhanceOptions.shape).sort())
  for (const [name, value] of Object.entries(changes))
    expect(apply({ ...usual, [name]: value }), name).not.toEqual(apply(usual))
  expect(apply({})).toEqual(apply({ use: 'exclude' }))
})

it('refuses verdicts of other candidates, and wrong options', () => {
  const short = { labels: new Int8Array(4), confidence: new Float32Array(4) }
  expect(() => applyVerdicts(train, candidates, short)).toThrow(
    'applyVerdicts: 4 labels with 4 confidences, 6 candidate places and 2 users × 3 must agree; judge the candidates of this data set again',
  )
  expect(() => apply({ judgedWeight: 0 })).toThrow(/^enhance: --judged-weight: .*got 0/)
  expect(() => apply({ use: 'negatives' as 'positives' })).toThrow(
    /^enhance: --use: expected one of positives, exclude, weighted.*got "negatives"/,
  )
})
