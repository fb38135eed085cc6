import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CsrPattern, Kernels, TopK } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { packVectors, residentPattern } from '../../src/models/rows.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { derive, randomStream } from '../../src/random.ts'
import { onBoth } from '../support/backends.ts'
import { randomFloats } from '../support/toy.ts'

interface Case {
  users: number
  items: number
  dimensions: number
  k: number
  /** share of the items that a user has seen */
  density: number
  seed: number
}

/** Small integers, so that sums are exact in f32 and ties are everywhere. */
function smallIntegers(kernels: Kernels, length: number, seed: number) {
  const random = randomStream(derive(seed, 'small'))
  const values = kernels.memory.floats(length)
  for (let i = 0; i < length; i++) values[i] = random.below(5) - 2
  return values
}

function seenBy({ users, items, density, seed }: Case): CsrPattern {
  const random = randomStream(derive(seed, 'seen'))
  const indices: number[] = []
  const offsets = [0]
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) if (random.uniform() < density) indices.push(item)
    offsets.push(indices.length)
  }
  return { offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) }
}

/** Both rankings of a case on fresh kernels; users in descending order, so that row and id differ. */
function rankBoth(kernels: Kernels, given: Case): Record<'byVectors' | 'packed' | 'byScores', TopK> {
  const { users, items, dimensions, k, seed } = given
  const { memory } = kernels
  const lists = () => ({ k, items: memory.ints(users * k), scores: memory.floats(users * k) })
  const request = {
    users: memory.copy(Int32Array.from({ length: users }, (_, row) => users - 1 - row)),
    items,
    seen: residentPattern(memory, seenBy(given)),
    tieRank: memory.copy(tieRanks(items, seed)),
  }
  const byVectors = lists()
  const userVectors = smallIntegers(kernels, users * dimensions, seed)
  const itemVectors = smallIntegers(kernels, items * dimensions, seed + 1)
  kernels.topKByVectors({ ...request, userVectors, itemVectors, dimensions }, byVectors)
  const packed = lists()
  const itemPanels = packVectors(kernels, itemVectors, dimensions)
  kernels.topKByVectors({ ...request, userVectors, itemVectors: itemPanels, dimensions }, packed)
  const byScores = lists()
  kernels.topKByScores({ ...request, scores: smallIntegers(kernels, users * items, seed + 2) }, byScores)
  return { byVectors, packed, byScores }
}

const plain = ({ items, scores }: TopK) => ({ items: [...items], scores: [...scores] })

function expectEqual(given: Case): void {
  const expected = rankBoth(createReferenceKernels(), given)
  const actual = rankBoth(createKernels(), given)
  expect(plain(actual.byVectors)).toEqual(plain(expected.byVectors))
  expect(plain(actual.packed)).toEqual(plain(expected.packed))
  expect(plain(actual.byScores)).toEqual(plain(expected.byScores))
}

describe('topKByVectors and topKByScores', () => {
  it('equal the reference over sizes, ties and masks', () => {
    const cases = fc.record({
      users: fc.integer({ min: 1, max: 9 }),
      items: fc.integer({ min: 1, max: 40 }),
      dimensions: fc.constantFrom(4, 8, 20),
      k: fc.integer({ min: 1, max: 50 }),
      density: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
      seed: fc.integer({ min: 0, max: 1000 }),
    })
    fc.assert(fc.property(cases, expectEqual), { seed: 7, numRuns: 150 })
  })

  for (const items of [511, 512, 513, 1030]) {
    it(`equal the reference over ${items} items, around the tiles of 512`, () => {
      for (const density of [0, 0.05, 0.99])
        expectEqual({ users: 6, items, dimensions: 8, k: 50, density, seed: items })
    })
  }

  it('fill the list of a user who has seen everything with −1 and −∞', () => {
    const { byVectors, byScores } = rankBoth(createKernels(), {
      users: 5,
      items: 11,
      dimensions: 4,
      k: 3,
      density: 1,
      seed: 1,
    })
    for (const { items, scores } of [byVectors, byScores]) {
      expect([...items]).toEqual(Array(15).fill(-1))
      expect([...scores]).toEqual(Array(15).fill(Number.NEGATIVE_INFINITY))
    }
  })

  it('give each user alone the bits that they have among others', () => {
    const kernels = createKernels()
    const { memory } = kernels
    // several tiles, the last with panels beyond a multiple of four and an item beyond a panel
    const [users, items, dimensions, k] = [7, 1100 + 8 + 1, 20, 9]
    const [userVectors, itemVectors] = [
      randomFloats(kernels, users * dimensions, 1),
      randomFloats(kernels, items * dimensions, 2),
    ]
    const shared = {
      ...{ items, dimensions, userVectors, itemVectors: packVectors(kernels, itemVectors, dimensions) },
      seen: residentPattern(memory, seenBy({ users, items, dimensions, k, density: 0.1, seed: 3 })),
      tieRank: memory.copy(tieRanks(items, 4)),
    }
    const rank = (rows: readonly number[]) => {
      const out = { k, items: memory.ints(rows.length * k), scores: memory.floats(rows.length * k) }
      kernels.topKByVectors({ ...shared, users: memory.copy(Int32Array.from(rows)) }, out)
      return plain(out)
    }
    const scores = memory.floats(users * items)
    kernels.scoreByVectors(userVectors, shared.itemVectors, dimensions, scores)
    const everybody = [0, 1, 2, 3, 4, 5, 6]
    const alone = everybody.map(user => rank([user]))
    alone.forEach((list, user) => {
      expect(list.scores).toEqual(list.items.map(item => scores[user * items + item]))
    })
    expect(rank(everybody)).toEqual({
      items: alone.flatMap(list => list.items),
      scores: alone.flatMap(list => list.scores),
    })
  })

  it('put equal scores in the order of tieRank', () => {
    const kernels = createKernels()
    const { memory } = kernels
    const tieRank = memory.copy(tieRanks(20, 5))
    const out = { k: 20, items: memory.ints(20), scores: memory.floats(20) }
    const seen = { offsets: memory.ints(2), indices: memory.ints(0) }
    kernels.topKByScores({ users: memory.ints(1), items: 20, seen, tieRank, scores: memory.floats(20) }, out)
    expect([...out.items].map(item => tieRank[item])).toEqual(Array.from({ length: 20 }, (_, place) => place))
  })
})

describe('topKBySums', () => {
  const [users, items] = [30, 400]
  /** Rows of the matrix with `perItem` entries each; of the histories, the first are empty or have one item. */
  const rankBySums = (kernels: Kernels, perItem: number, k: number, lowest: number) => {
    const { memory } = kernels
    const random = randomStream(derive(perItem, 'sums'))
    const matrixRows = Array.from({ length: items }, () => {
      const others = new Set(Array.from({ length: perItem }, () => random.below(items)))
      return [...others].sort((a, b) => a - b)
    })
    const pattern = (rows: number[][]) => ({
      offsets: memory.copy(Int32Array.from([0, ...rows.map((_, row) => rows.slice(0, row + 1).flat().length)])),
      indices: memory.copy(Int32Array.from(rows.flat())),
    })
    const valued = (rows: number[][]) => ({
      ...pattern(rows),
      values: memory.copy(Float32Array.from(rows.flat(), () => lowest + random.below(4))),
    })
    const histories = Array.from({ length: users }, (_, user) =>
      Array.from({ length: user }, () => random.below(items)),
    )
    const matrix = valued(matrixRows)
    const chosen = valued(histories)
    const seen = residentPattern(memory, seenBy({ users, items, dimensions: 4, k, density: 0.05, seed: 3 }))
    const rows = memory.copy(Int32Array.from({ length: users }, (_, row) => users - 1 - row))
    const request = { users: rows, items, seen, tieRank: memory.copy(tieRanks(items, 5)) }
    const lists = () => ({ k, items: memory.ints(users * k), scores: memory.floats(users * k) })
    const [bySums, byScores] = [lists(), lists()]
    kernels.topKBySums({ ...request, chosen, matrix }, bySums)
    const scores = memory.floats(users * items)
    kernels.sumSparseRows(chosen, matrix, items, scores)
    kernels.topKByScores({ ...request, scores }, byScores)
    expect(bySums).toEqual(byScores)
    return { items: bySums.items, scores: bySums.scores }
  }
  it.each([
    ['few entries, few of many users with a full list', 3, 10, 1],
    ['entries for most items', 60, 10, 1],
    ['longer lists than there are items', 3, 450, 1],
    ['sums below zero and of zero', 4, 10, -2],
  ] as const)('%s: the lists of topKByScores, to the bit, and those of the reference', (_, perItem, k, lowest) => {
    onBoth(kernels => rankBySums(kernels, perItem, k, lowest), 0)
  })
})

describe('fuseLists', () => {
  const [rows, items, k] = [40, 90, 12]
  /** Lists of every length, the longest of `k`; in some, all scores are equal. */
  const lists = ({ memory }: Kernels, name: string, weight: number) => {
    const random = randomStream(derive(4, name))
    const out = { k, weight, items: memory.ints(rows * k).fill(-1), scores: memory.floats(rows * k).fill(-Infinity) }
    for (let row = 0; row < rows; row++) {
      const own = Array.from({ length: items }, (_, item) => item).sort(() => random.uniform() - 0.5)
      const values = own.map(() => (row % 5 === 0 ? 1 : random.below(6) - 2)).sort((a, b) => b - a)
      for (let place = 0; place < Math.min(k, row % (k + 3)); place++) {
        out.items[row * k + place] = own[place]
        out.scores[row * k + place] = values[place]
      }
    }
    return out
  }
  it.each([
    [12, 12],
    [5, 12],
    [5, 3],
    [30, 20],
  ])('depth %i, %i places: the lists of the reference, scores within 1e-7', (depth, places) => {
    onBoth(kernels => {
      const { memory } = kernels
      const out = { k: places, items: memory.ints(rows * places).fill(7), scores: memory.floats(rows * places) }
      const tieRank = memory.copy(tieRanks(items, 5))
      kernels.fuseLists(lists(kernels, 'first', 0.3), lists(kernels, 'second', 0.7), depth, tieRank, out)
      expect(out.items.includes(-1)).toBe(true)
      return { items: out.items, scores: out.scores.map(score => (score === -Infinity ? -9 : score)) }
    }, 1e-7)
  })
})
