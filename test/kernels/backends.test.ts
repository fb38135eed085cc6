import { describe, expect, it } from 'vitest'
import type { Kernels, Negatives } from '../../src/kernels/interface/kernels.ts'
import { createBatchNodes } from '../../src/kernels/rows.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { normalizedAdjacency } from '../../src/models/graph.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { derive } from '../../src/random.ts'
import { onBoth } from '../support/backends.ts'
import { randomBatch, randomDataset, randomFloats, randomInts, randomTables } from '../support/toy.ts'

const USERS = 23
const ITEMS = 37
const data = randomDataset(USERS, ITEMS, 0.2)
const at = { key: derive(3, 'negatives'), epoch: 4, batch: 2 }

/** Negatives of every kind: shared over hops or picked hop by hop and mixed; one slot is empty. */
function negativesOf(kernels: Kernels, size: number, perPositive: number, pickedHops: number): Negatives {
  const items = randomInts(kernels, size * perPositive * pickedHops, ITEMS, 9)
  items.fill(-1, 3 * perPositive * pickedHops, (3 * perPositive + 1) * pickedHops)
  if (pickedHops === 1) return { perPositive, pickedHops, items }
  const mix = randomFloats(kernels, items.length, 10)
  for (let i = 0; i < mix.length; i++) mix[i] = Math.abs(mix[i])
  return { perPositive, pickedHops, items, mix }
}

describe('linear kernels', () => {
  for (const columns of [4, 12, 16, 32, 48, 64, 84]) {
    it(`spmm with ${columns} columns, with and without an added matrix: within 1e-6 of the reference`, () => {
      onBoth(kernels => {
        const graph = normalizedAdjacency(data, kernels)
        const x = randomFloats(kernels, (USERS + ITEMS) * columns, 1)
        const plain = kernels.memory.floats(x.length)
        const added = kernels.memory.floats(x.length)
        kernels.spmm(graph, x, plain, columns)
        kernels.spmm(graph, x, added, columns, x)
        return { plain, added }
      }, 1e-6)
    })
  }

  it('spmmLive: within 1e-6 of the reference, and equal to spmm in the rows it computes', () => {
    onBoth(kernels => {
      const { memory } = kernels
      const nodes = USERS + ITEMS
      const graph = normalizedAdjacency(data, kernels)
      const x = randomFloats(kernels, nodes * 20, 1)
      const wanted = memory.copy(Int8Array.from({ length: nodes }, (_, node) => Number(node % 3 > 0)))
      const live = memory.copy(Int8Array.from({ length: nodes }, (_, node) => Number(node % 4 === 1)))
      live.forEach((alive, node) => {
        if (!alive) x.fill(0, node * 20, (node + 1) * 20)
      })
      const whole = memory.floats(x.length)
      const some = memory.floats(x.length).fill(7)
      const added = memory.floats(x.length)
      kernels.spmm(graph, x, whole, 20)
      kernels.spmmLive(graph, x, some, 20, { wanted, live })
      kernels.spmmLive(graph, x, added, 20, { live }, x)
      const inPlace = memory.copy(x)
      kernels.spmmLive(graph, x, inPlace, 20, { live }, inPlace)
      expect(inPlace).toEqual(added)
      some.forEach((value, at) => {
        expect(value).toBe(wanted[Math.floor(at / 20)] ? whole[at] : 7)
      })
      return { some, added }
    }, 1e-6)
  })

  it('poolHops: within 1e-7 of the reference', () => {
    onBoth(kernels => ({ pooled: randomTables(kernels, USERS, ITEMS, 12, 3).pooled }), 1e-7)
  })

  it('adam, three steps: within 1e-6 of the reference', () => {
    onBoth(kernels => {
      const parameter = randomFloats(kernels, 40, 1)
      const gradient = randomFloats(kernels, 40, 2)
      const moments = { first: kernels.memory.floats(40), second: kernels.memory.floats(40) }
      const settings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
      for (let step = 1; step <= 3; step++) kernels.adam(parameter, gradient, moments, settings, step)
      return { parameter, first: moments.first, second: moments.second }
    }, 1e-6)
  })

  it('adagrad, three steps on all rows and two on some: within 1e-6 of the reference, and of values by hand', () => {
    onBoth(kernels => {
      const parameter = randomFloats(kernels, 40, 1)
      const gradient = randomFloats(kernels, 40, 2)
      const sums = kernels.memory.floats(5)
      const settings = { learningRate: 0.01, epsilon: 1e-8 }
      for (let step = 1; step <= 3; step++) kernels.adagrad(parameter, gradient, sums, settings)
      const rows = kernels.memory.copy(Int32Array.of(4, 1))
      for (let step = 1; step <= 2; step++) kernels.adagrad(parameter, gradient, sums, settings, rows)
      return { parameter, sums }
    }, 1e-6)
    const kernels = createKernels()
    const { memory } = kernels
    const [parameter, gradient] = [memory.floats(8), memory.copy(Float32Array.of(3, 4, 0, 0, 0, 0, 0, 0))]
    const sums = memory.copy(Float32Array.of(0, 0))
    const settings = { learningRate: 0.1, epsilon: 0 }
    kernels.adagrad(parameter, gradient, sums, settings, memory.copy(Int32Array.of(0)))
    // the mean of 9, 16, 0, 0 is 2.5²
    expect([...sums]).toEqual([6.25, 0])
    expect([...parameter.subarray(0, 4)]).toEqual([-0.12, -0.16, 0, 0].map(x => expect.closeTo(x, 6)))
  })
})

describe('sampling kernels', () => {
  it('shuffle: equal to the reference', () => {
    onBoth(kernels => {
      const values = kernels.memory.copy(Int32Array.from({ length: 1001 }, (_, i) => i))
      kernels.shuffle(values, at.key)
      return { values }
    }, 0)
  })

  it('drawUniforms: equal to the reference, in [0, 1)', () => {
    onBoth(kernels => {
      const out = kernels.memory.floats(9 * 5)
      kernels.drawUniforms(at, 9, 5, out)
      expect(Math.min(...out)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...out)).toBeLessThan(1)
      return { out }
    }, 0)
  })

  it('drawItems: equal to the reference', () => {
    onBoth(kernels => {
      const out = kernels.memory.ints(USERS * 7)
      const users = kernels.memory.copy(Int32Array.from({ length: USERS }, (_, user) => user))
      kernels.drawItems(at, users, residentPattern(kernels.memory, data.byUser), ITEMS, 7, out)
      return { out }
    }, 0)
  })

  it('drawItems never draws a forbidden item, reaches every other, and says who has none left', () => {
    const kernels = createKernels()
    const forbidden = residentPattern(kernels.memory, {
      offsets: Int32Array.from([0, 3, 8, 8]),
      indices: Int32Array.from([0, 4, 7, 0, 1, 2, 3, 4]),
    })
    const draws = 4000
    const out = kernels.memory.ints(3 * draws)
    const users = kernels.memory.copy(Int32Array.from([0, 1, 2]))
    expect(kernels.drawItems(at, users, forbidden, 8, draws, out)).toBe(0)
    const counts = (row: number) => {
      const tally = new Map<number, number>()
      for (const item of out.subarray(row * draws, (row + 1) * draws)) tally.set(item, (tally.get(item) ?? 0) + 1)
      return [...tally].sort(([a], [b]) => a - b)
    }
    expect(counts(0).map(([item]) => item)).toEqual([1, 2, 3, 5, 6])
    expect(counts(1).map(([item]) => item)).toEqual([5, 6, 7])
    expect(counts(2)).toHaveLength(8)
    // five standard deviations of a binomial with p = 1/5
    for (const [, count] of counts(0)) expect(Math.abs(count - draws / 5)).toBeLessThan(5 * Math.sqrt(draws * 0.16))
    expect(kernels.drawItems(at, users.subarray(1, 2), forbidden, 5, 2, out)).toBe(1)
    expect([...out.subarray(0, 2)]).toEqual([-1, -1])
  })

  for (const [hops, perPositive] of [
    [1, 1],
    [3, 2],
  ] as const) {
    it(`scores of candidates, ${hops} hops, ${perPositive} negatives a positive: within 1e-5 of the reference`, () => {
      onBoth(kernels => {
        const tables = randomTables(kernels, USERS, ITEMS, 20, hops)
        const batch = randomBatch(kernels, 6, USERS, ITEMS)
        const slots = 6 * perPositive
        const candidates = randomInts(kernels, slots * 5, ITEMS, 11)
        candidates.fill(-1, 5, 10)
        const codes = (seed: number) => ({
          depth: 4,
          values: kernels.memory.copy(
            Int8Array.from(randomInts(kernels, ITEMS * 4, 3, seed), (child, i) => (i % 4 === 3 && i % 3 ? -1 : child)),
          ),
        })
        const pooled = kernels.memory.floats(slots * 5)
        kernels.scoreCandidates(tables, batch, candidates, 5, 1, pooled)
        const scores = kernels.memory.floats(slots * hops * 5)
        kernels.scoreCandidates(tables, batch, candidates, 5, hops, scores)
        const mix = randomFloats(kernels, slots * hops, 12)
        kernels.mixScores(tables, batch, mix, 5, scores)
        const mixed = kernels.memory.copy(scores as Float32Array)
        kernels.addCodeSimilarity(
          [
            { codes: codes(1), weight: 0.1 },
            { codes: codes(2), weight: 0.3 },
          ],
          batch,
          candidates,
          5,
          hops,
          scores,
        )
        const picked = kernels.memory.ints(slots * hops)
        kernels.pickLargest(candidates, scores, slots, hops, 5, picked)
        return { pooled, mixed, scores, picked }
      }, 1e-5)
    })
  }
})

describe('pair kernels', () => {
  for (const [hops, pickedHops, perPositive, weighted] of [
    [1, 1, 1, false],
    [3, 1, 2, true],
    [3, 3, 2, true],
    [1, 1, 3, true],
  ] as const) {
    const name = `${hops} hops, ${pickedHops} picked, ${perPositive} negatives, ${weighted ? 'weighted' : 'unweighted'}`
    it(`scores, loss and gradients (${name}): within 2e-6 of the reference`, () => {
      onBoth(kernels => {
        const { memory } = kernels
        const tables = randomTables(kernels, USERS, ITEMS, 20, hops)
        const batch = randomBatch(kernels, 11, USERS, ITEMS, weighted)
        const negatives = negativesOf(kernels, 11, perPositive, pickedHops)
        const values = () => ({ positive: memory.floats(11), negative: memory.floats(11 * perPositive) })
        const scores = values()
        const derivatives = values()
        const loss = memory.floats(11)
        const userGradients = memory.floats(11 * 20)
        const gradients = memory.floats(pickedHops * (USERS + ITEMS) * 20)
        const regularized = memory.floats((USERS + ITEMS) * 20)
        kernels.scorePairs(tables, batch, negatives, scores.positive, scores.negative)
        kernels.bpr(batch, negatives, scores, derivatives, loss)
        kernels.userGradients(tables, batch, negatives, derivatives, userGradients)
        const nodes = createBatchNodes(memory, USERS + ITEMS, 11 * (2 + perPositive * pickedHops))
        kernels.groupByNode(tables, randomBatch(kernels, 5, USERS, ITEMS), negativesOf(kernels, 5, 1, 1), nodes)
        kernels.groupByNode(tables, batch, negatives, nodes)
        gradients.fill(7)
        for (let h = 0; h < pickedHops; h++) {
          const out = gradients.subarray(h * tables.pooled.length, (h + 1) * tables.pooled.length)
          kernels.scatterGradients(tables, batch, negatives, derivatives, userGradients, nodes, h, out)
        }
        kernels.addRegularization(tables, batch, negatives, 0.01, nodes, regularized, loss)
        return {
          ...scores,
          dPositive: derivatives.positive,
          dNegative: derivatives.negative,
          loss,
          userGradients,
          gradients,
          regularized,
          marks: Int32Array.from(nodes.marks),
          rows: nodes.rows.slice(0, nodes.count),
          offsets: nodes.offsets.slice(0, nodes.count + 1),
          entries: nodes.entries.slice(0, nodes.offsets[nodes.count]),
        }
      }, 2e-6)
    })
  }

  it('penalizeRows, on what is there and in place of it: within 1e-6 of the reference', () => {
    onBoth(kernels => {
      const { memory } = kernels
      const table = randomFloats(kernels, USERS * 20, 1)
      const [added, written] = [randomFloats(kernels, USERS * 20, 2), randomFloats(kernels, USERS * 20, 2)]
      const squares = memory.floats(USERS)
      const kept = memory.bytes(USERS).map((_, row) => row % 2)
      kernels.penalizeRows(table, 20, 0.3, added, squares)
      kernels.penalizeRows(table, 20, 0.3, written, squares, memory.copy(kept))
      expect([...written.subarray(20, 40)]).toEqual([...added.subarray(20, 40)])
      expect(written[0]).toBeCloseTo(0.3 * table[0], 6)
      return { added, written, squares }
    }, 1e-6)
  })

  for (const [perPositive, lambda, optimizer] of [
    [1, 0.01, 'adam'],
    [3, 0.01, 'adam'],
    [2, 0, 'adam'],
    [3, 0.01, 'adagrad'],
  ] as const)
    it(`updateRows (${perPositive} negatives, λ ${lambda}, ${optimizer}): within 1e-5 of the reference, and what its three kernels give to the bit`, () => {
      onBoth(kernels => {
        const { memory } = kernels
        const size = 61
        const batch = randomBatch(kernels, size, USERS, ITEMS, true)
        const negatives = negativesOf(kernels, size, perPositive, 1)
        const own = { positive: randomFloats(kernels, size, 3), negative: randomFloats(kernels, size * perPositive, 4) }
        const gradients = { derivatives: own, userGradients: randomFloats(kernels, size * 20, 5) }
        const nodes = createBatchNodes(memory, USERS + ITEMS, size * (2 + perPositive))
        const settings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
        const start = () => {
          const tables = randomTables(kernels, USERS, ITEMS, 20, 1)
          const second = randomFloats(kernels, tables.hop.length, 8).map(Math.abs)
          const moments = { first: randomFloats(kernels, tables.hop.length, 7), second: memory.copy(second) }
          const sums = memory.copy(randomFloats(kernels, USERS + ITEMS, 9).map(Math.abs))
          return { tables: { ...tables, pooled: tables.hop }, moments, sums }
        }
        const [once, apart] = [start(), start()]
        kernels.groupByNode(once.tables, batch, negatives, nodes)
        const adam = { moments: once.moments, settings, step: 3 }
        const step = optimizer === 'adam' ? adam : { sums: once.sums, settings }
        const penalties = kernels.updateRows(once.tables, batch, negatives, gradients, lambda, nodes, step)
        const { tables, moments, sums } = apart
        const loss = memory.floats(size)
        const gradient = memory.floats(tables.hop.length)
        kernels.scatterGradients(tables, batch, negatives, own, gradients.userGradients, nodes, 0, gradient)
        if (lambda > 0) kernels.addRegularization(tables, batch, negatives, lambda, nodes, gradient, loss)
        const some = { rows: nodes.rows.subarray(0, nodes.count), columns: 20 }
        if (optimizer === 'adam') kernels.adam(tables.hop, gradient, moments, settings, 3, some)
        else kernels.adagrad(tables.hop, gradient, sums, settings, some.rows)
        const result = { hop: once.tables.hop, ...once.moments, sums: once.sums }
        if (kernels.name === 'wasm') expect(result).toEqual({ hop: tables.hop, ...moments, sums })
        const expected = [...loss].reduce((sum, own) => sum + own, 0)
        expect(Math.abs(penalties - expected)).toBeLessThanOrEqual(1e-6 * expected)
        return { ...result, ...(lambda > 0 && { penalties: Float32Array.of(penalties) }) }
      }, 1e-5)
    })

  it('bpr stays finite for score differences of ±200 and is log(2) at equal scores', () => {
    const kernels = createKernels()
    const { memory } = kernels
    const batch = randomBatch(kernels, 3, USERS, ITEMS)
    const negatives: Negatives = { perPositive: 1, pickedHops: 1, items: memory.ints(3) }
    const scores = {
      positive: memory.copy(Float32Array.from([200, -200, 1])),
      negative: memory.copy(Float32Array.from([0, 0, 1])),
    }
    const derivatives = { positive: memory.floats(3), negative: memory.floats(3) }
    const loss = memory.floats(3)
    kernels.bpr(batch, negatives, scores, derivatives, loss)
    expect([...loss]).toEqual([0, 200, Math.fround(Math.log(2))])
    expect([...derivatives.negative].map(x => x * 3)).toEqual([0, expect.closeTo(1, 6), expect.closeTo(0.5, 6)])
  })

  it('exp and log of the kernels: softplus within 3e-7 (relative) over [−60, 60]', () => {
    const kernels = createKernels()
    const { memory } = kernels
    const n = 20001
    const negatives: Negatives = { perPositive: 1, pickedHops: 1, items: memory.ints(n) }
    const batch = { size: n, users: memory.ints(n), positives: memory.ints(n) }
    const scores = { positive: memory.floats(n), negative: memory.floats(n) }
    for (let i = 0; i < n; i++) scores.negative[i] = -60 + (120 * i) / (n - 1)
    const derivatives = { positive: memory.floats(n), negative: memory.floats(n) }
    const loss = memory.floats(n)
    kernels.bpr(batch, negatives, scores, derivatives, loss)
    let worst = 0
    for (let i = 0; i < n; i++) {
      const x = scores.negative[i]
      const sigmoid = 1 / (1 + Math.exp(-x))
      worst = Math.max(worst, Math.abs(derivatives.negative[i] * n - sigmoid) / sigmoid)
      // below −15 the f32 sum 1 + e^x has lost e^x: the absolute error is what counts there
      const softplus = Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)))
      worst = Math.max(worst, Math.abs(loss[i] - softplus) / Math.max(1, softplus))
    }
    expect(worst).toBeLessThan(3e-7)
  })
})

describe('tree kernels', () => {
  it('moveCentroids, an empty cluster among them: within 1e-7 of the reference', () => {
    onBoth(kernels => {
      const points = randomFloats(kernels, 50 * 12, 1)
      const labels = randomInts(kernels, 50, 4, 2)
      const centroids = randomFloats(kernels, 5 * 12, 3)
      const empty = centroids.slice(4 * 12)
      kernels.moveCentroids(points, labels, 12, centroids)
      expect(centroids.slice(4 * 12)).toEqual(empty)
      return { centroids }
    }, 1e-7)
  })

  it('assignToCentroids and longestSharedPrefix: within 1e-6 of the reference', () => {
    onBoth(kernels => {
      const { memory } = kernels
      const points = randomFloats(kernels, 50 * 12, 1)
      const centroids = randomFloats(kernels, 4 * 12, 2)
      const nearest = memory.ints(50)
      const distances = memory.floats(50)
      kernels.assignToCentroids(points, centroids, 12, nearest, distances)
      const codes = {
        depth: 4,
        values: memory.copy(
          Int8Array.from(randomInts(kernels, ITEMS * 4, 2, 3), (child, i) => (i % 4 === 3 && i % 3 ? -1 : child)),
        ),
      }
      const users = memory.copy(Int32Array.from([0, 5, 22]))
      const candidates = randomInts(kernels, 3 * 6, ITEMS, 4)
      candidates[4] = -1
      const prefixes = memory.ints(18)
      kernels.longestSharedPrefix(codes, residentPattern(memory, data.byUser), users, candidates, prefixes)
      return { nearest, distances, prefixes }
    }, 1e-6)
  })
})

describe('memory', () => {
  it('frees what a scope allocated, also after an error and after a promise, and hands out zeros again', async () => {
    const { memory } = createKernels()
    const before = memory.usage.bytes
    memory.scope(() => memory.floats(100).fill(7))
    expect(() =>
      memory.scope(() => {
        memory.ints(10).fill(1)
        throw new Error('in scope')
      }),
    ).toThrow('in scope')
    await memory.scope(async () => {
      memory.bytes(10).fill(1)
      await null
    })
    expect(memory.usage.bytes).toBe(before)
    expect(memory.usage.peakBytes).toBeGreaterThanOrEqual(before + 400)
    expect(memory.floats(100).every(value => value === 0)).toBe(true)
  })

  it('says how much it would have needed when wasm32 cannot address it', () => {
    const { memory } = createKernels()
    expect(() => memory.floats(2 ** 30)).toThrow(
      /^out of kernel memory: 4\.30 GB needed, 4\.29 GB is all that wasm32 addresses; use fewer dimensions/,
    )
  })

  it('refuses an array from elsewhere', () => {
    const kernels = createKernels()
    expect(() => kernels.shuffle(new Int32Array(3), [1, 2])).toThrow('outside its memory')
  })
})
