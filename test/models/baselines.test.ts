import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { ease } from '../../src/models/baselines/ease.ts'
import { fitIals } from '../../src/models/baselines/ials.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { itemKnn } from '../../src/models/baselines/item-knn.ts'
import { orderedWalk } from '../../src/models/baselines/ordered-walk.ts'
import { popularity } from '../../src/models/baselines/popularity.ts'
import { rp3beta } from '../../src/models/baselines/rp3beta.ts'
import type { BaselineDefinition } from '../../src/models/model.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { baselineContract, type Expectations } from '../contracts/baseline.ts'
import { unseenBy, usersOf } from '../support/requests.ts'
import { randomDataset } from '../support/toy.ts'

const RECENCY = { decay: 0.5, halfLife: 2 }

/** What a baseline does not do, and which values of its options are tried; one that is not named here does everything. */
const expectations: Record<string, Expectations> = {
  popularity: { skip: [{ test: 'checkerboard', reason: 'gives everyone the same list' }] },
  'item-knn': { changes: { neighbors: 2, shrinkage: 3, power: 2, normalize: true, ...RECENCY } },
  ials: {
    changes: {
      ...{ dimensions: 8, epochs: 2, unobservedWeight: 0.5, regularization: 0.1 },
      ...{ regularizeUnobserved: 0.5, regularizationExponent: 1, ...RECENCY },
    },
    skip: [
      {
        test: 'a history needs no user, and weights of 1 change nothing',
        reason: 'a user it was trained on has the vector that training ended with, anybody else the exact solution',
      },
    ],
  },
  rp3beta: {
    changes: { alpha: 0.7, beta: 1, gamma: 1, normalize: true, neighbors: 3, shrinkage: 2, power: 1.3, ...RECENCY },
  },
  'gf-cf': { changes: { lowPassWeight: 2, vectors: 4, beta: 1, lowPassPopularity: 0, ...RECENCY } },
  'turbo-cf': { changes: { alpha: 0.3, power: 2, filter: 'third-order', ...RECENCY } },
  ease: { changes: { regularization: 5, maxItems: 21, ...RECENCY } },
  'ordered-walk': {
    changes: {
      ...{ window: 1, distance: 1, backward: 0.2, alpha: 1, beta: 0.5, shrinkage: 0, neighbors: 3, power: 2 },
      ...RECENCY,
    },
    skip: [{ test: 'checkerboard', reason: 'what follows what is random on the board' }],
  },
}

for (const baseline of baselines.parts) baselineContract(baseline, expectations[baseline.name])

/** Users 0: {0, 1}, 1: {0, 1, 2}, 2: {1, 2}, 3: {1, 3}; five items, the last one met by nobody. */
const train = createDataset(
  { users: [0, 0, 1, 1, 1, 2, 2, 3, 3], items: [0, 1, 0, 1, 2, 1, 2, 1, 3] },
  createVocabulary([0, 1, 2, 3]),
  createVocabulary([0, 1, 2, 3, 4]),
)
/** of one row */
const nothing = { offsets: new Int32Array(2), indices: new Int32Array(0) }

/** The scores of all items for one user, by item, nothing being masked. */
function scoresOf(definition: BaselineDefinition, options: unknown, user: number): number[] {
  const recommender = definition.fit({ train, kernels: createKernels(), seed: 1 }, options)
  const { items, scores } = recommender.recommend({
    ...usersOf(train, Int32Array.of(user)),
    seen: nothing,
    k: 5,
    tieRank: Int32Array.from([0, 1, 2, 3, 4]),
  })
  const byItem: number[] = []
  items.forEach((item, place) => {
    byItem[item] = scores[place]
  })
  return byItem
}

const closeTo = (values: number[]) => values.map(value => expect.closeTo(value, 6))

describe('hand-computed scores', () => {
  it('popularity counts users', () => {
    expect(scoresOf(popularity, {}, 0)).toEqual([2, 4, 2, 1, 0])
  })

  it('item-knn sums cosines over the history', () => {
    const [s01, s02, s12, s13] = [2 / Math.sqrt(8), 1 / 2, 2 / Math.sqrt(8), 1 / 2]
    expect(scoresOf(itemKnn, {}, 0)).toEqual(closeTo([s01, s01, s02 + s12, s13, 0]))
  })

  it('item-knn with shrinkage 2 adds 2 to each denominator', () => {
    expect(scoresOf(itemKnn, { shrinkage: 2 }, 3)).toEqual(
      closeTo([2 / (Math.sqrt(8) + 2), 1 / 4, 2 / (Math.sqrt(8) + 2), 1 / 4, 0]),
    )
  })

  it('item-knn with one neighbour follows the nearest item only', () => {
    // the nearest of item 0 is 1; of 1 it is 0 or 2, which are equally near; of 3 it is 1
    const scores = scoresOf(itemKnn, { neighbors: 1 }, 3)
    expect(scores[1]).toBeCloseTo(1 / 2, 6)
    expect(scores[0] + scores[2]).toBeCloseTo(2 / Math.sqrt(8), 6)
    expect(scores[3]).toBe(0)
  })

  it('item-knn, normalized: by the nearest of the item that is ranked, and how much more popular it is', () => {
    // means ½, 1, ½, ¼, 0; the nearest of 0 are 1 (2/√8) and 2 (½), of 3 only 1, of 1 all others
    const [near, far] = [2 / Math.sqrt(8) / (2 / Math.sqrt(8) + 0.5), 0.5 / (2 / Math.sqrt(8) + 0.5)]
    const first = 0.5 + near * (1 - 1) + far * (0 - 0.5)
    const sum = 4 / Math.sqrt(8) + 0.5
    const second = 1 + ((2 * 2) / Math.sqrt(8) / sum) * (0 - 0.5) + (0.5 / sum) * (1 - 0.25)
    expect(scoresOf(itemKnn, { normalize: true }, 3)).toEqual(closeTo([first, second, first, 0.25, 0]))
    // one nearest of each item that is ranked: 1 is that of 0, 2 and 3
    const [zero, , two, three] = scoresOf(itemKnn, { normalize: true, neighbors: 1 }, 3)
    expect([zero, two, three]).toEqual(closeTo([0.5, 0.5, 0.25]))
  })

  it('ease for two items: B_01 = g_01 / (g_00 + λ)', () => {
    const pair = createDataset(
      { users: [0, 0, 1], items: [0, 1, 0] },
      createVocabulary([0, 1]),
      createVocabulary([0, 1]),
    )
    const recommender = ease.fit({ train: pair, kernels: createKernels(), seed: 1 }, { regularization: 3 })
    const { items, scores } = recommender.recommend({
      ...usersOf(pair, Int32Array.of(1)),
      seen: nothing,
      k: 2,
      tieRank: Int32Array.from([0, 1]),
    })
    expect([...items]).toEqual([1, 0])
    expect([...scores]).toEqual(closeTo([1 / (2 + 3), 0]))
  })
})

describe('ease says what is too much for it', () => {
  it('in figures, and does not start', () => {
    const large = randomDataset(4, 50, 0.5)
    const options = { maxItems: 49 }
    const reason = 'baseline "ease" inverts an items × items matrix: 0.0 GB for 50 items, and --ease-max-items is 49'
    expect(ease.unsupportedReason?.(large, options)).toContain(reason)
    expect(ease.unsupportedReason?.(large, {})).toBeUndefined()
    expect(() => ease.fit({ train: large, kernels: createKernels(), seed: 1 }, options)).toThrow(reason)
  })
})

describe('rp3beta by hand', () => {
  it('is the sum of the walks over shared users, by the popularity of their end', () => {
    // users 0 {0, 1}, 1 {0, 1, 2}, 2 {2}
    const pairs = { users: [0, 0, 1, 1, 1, 2], items: [0, 1, 0, 1, 2, 2] }
    const train = createDataset(pairs, createVocabulary([0, 1, 2]), createVocabulary([0, 1, 2]))
    const request = { ...unseenBy(train, Int32Array.of(2)), k: 2, tieRank: tieRanks(3, 1) }
    const scores = (options: object) =>
      rp3beta.fit({ train, kernels: createKernels(), seed: 1 }, { alpha: 1, beta: 0.5, ...options }).recommend(request)
        .scores
    // from item 2, of two users, by user 1 alone, of three items: 1/3 over 2 · √2
    for (const score of scores({})) expect(score).toBeCloseTo(1 / 3 / (2 * Math.sqrt(2)), 6)
    for (const score of scores({ shrinkage: 3 })) expect(score).toBeCloseTo(1 / 3 / (2 * Math.sqrt(2) + 3), 6)
    for (const score of scores({ gamma: 2 })) expect(score).toBeCloseTo(1 / 9 / (2 * Math.sqrt(2)), 6)
    for (const score of scores({ normalize: true })) expect(score).toBeCloseTo(1 / 2, 6)
  })
})

describe('ordered-walk', () => {
  it('adds what followed the items of the history, the newest most', () => {
    // 0 then 1, twice; 2 then 0
    const pairs = { users: [0, 0, 1, 1, 2, 2], items: [0, 1, 0, 1, 0, 2], timestamps: [0, 1, 0, 1, 1, 0] }
    const own = createDataset(
      { ...pairs, timeKind: 'position' },
      createVocabulary([0, 1, 2]),
      createVocabulary([0, 1, 2]),
    )
    const kernels = createKernels()
    const scores = kernels.memory.floats(3)
    const options = { alpha: 1, beta: 0.5, shrinkage: 2, backward: 0.5, decay: 0.5 }
    const histories = { offsets: Int32Array.of(0, 2), indices: Int32Array.of(0, 2), ages: Float32Array.of(1, 0) }
    orderedWalk.fit({ train: own, kernels, seed: 1 }, options).score!({ histories }, scores)
    // from 2, of one user, to 0, of three; from 0 half as much, to 1 and back to 2
    const expected = [1 / (Math.sqrt(3) + 2), (0.5 * 2) / (3 * Math.SQRT2 + 2), (0.5 * 0.5) / (3 + 2)]
    expect([...scores]).toEqual(closeTo(expected))
  })

  it('is refused where there is no order', () => {
    expect(() => orderedWalk.fit({ train, kernels: createKernels(), seed: 1 }, {})).toThrow(
      'baseline "ordered-walk" needs the order of interactions, and the data has no times: name their column (--time), give sequences, or leave it out (--baselines)',
    )
  })
})

describe('ials', () => {
  it.each([
    [false, 1, 1],
    [true, 1, 1],
    [true, 0, 1],
    [false, 0, 0.75],
    [true, 0.5, 0.5],
    [false, 1, 0],
  ])('comes to where the gradient of its loss is zero; weights %s, κ %d, ν %d', (isWeighted, kappa, nu) => {
    const pairs = randomDataset(12, 9, 0.3)
    const weights = Float32Array.from(pairs.byUser.indices, (_, entry) => 0.25 * (1 + (entry % 7)))
    const train = isWeighted ? { ...pairs, weights } : pairs
    const weightAt = (user: number, item: number) => {
      const { offsets, indices } = pairs.byUser
      const entry = indices.subarray(0, offsets[user + 1]).indexOf(item, offsets[user])
      return entry < 0 ? 0 : isWeighted ? weights[entry] : 1
    }
    const [alpha, lambda] = [0.2, 0.05]
    const options = {
      ...{ dimensions: 4, epochs: 600, unobservedWeight: alpha, regularization: lambda },
      ...{ regularizeUnobserved: kappa, regularizationExponent: nu },
    }
    const { userVectors, itemVectors } = fitIals(train, createReferenceKernels('f64'), options, 1)
    const row = (table: Float32Array, at: number) => [...table.subarray(at * 4, (at + 1) * 4)]
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * b[d], 0)
    /** ∂loss/∂(own vector) / 2, over all partners, each with the weight of the interaction, 0 where there is none */
    const gradient = (own: number[], partners: number[][], weightOf: (partner: number) => number) => {
      const total = partners.reduce((sum, _, at) => sum + weightOf(at), 0)
      const sum = own.map(value => lambda * (total + kappa * alpha * partners.length) ** nu * value)
      partners.forEach((partner, at) => {
        const factor = alpha * dot(own, partner) + weightOf(at) * (dot(own, partner) - 1)
        partner.forEach((value, d) => {
          sum[d] += factor * value
        })
      })
      return Math.hypot(...sum)
    }
    const users = Array.from({ length: 12 }, (_, user) => row(userVectors, user))
    const items = Array.from({ length: 9 }, (_, item) => row(itemVectors, item))
    expect(Math.hypot(...users.flat())).toBeGreaterThan(0.5)
    users.forEach((user, at) => {
      expect(gradient(user, items, item => weightAt(at, item))).toBeLessThan(1e-4)
    })
    items.forEach((item, at) => {
      expect(gradient(item, users, user => weightAt(user, at))).toBeLessThan(1e-4)
    })
  })
})
