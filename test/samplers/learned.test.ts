/** Samplers that learn or remember: what they pick and what they add to the loss, once more in f64 and without kernels. */
import { describe, expect, it } from 'vitest'
import type { Negatives } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { lightgcn } from '../../src/models/lightgcn.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { ans } from '../../src/samplers/ans/ans.ts'
import { dens } from '../../src/samplers/dens/dens.ts'
import type { ScoringSampler } from '../../src/samplers/sampler.ts'
import { srns } from '../../src/samplers/srns/srns.ts'
import type { TrainingState } from '../../src/training/checkpoint.ts'
import { train } from '../../src/training/trainer.ts'
import { batchOf, HOPS, ITEMS, samplerContext } from '../contracts/sampler.ts'
import { randomDataset } from '../support/toy.ts'
import { pooledScore, scoreRows } from './naive.ts'

type Vector = readonly number[]
const D = 8
const K = 2
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const sum = (values: Vector) => values.reduce((total, value) => total + value, 0)
const times = (a: Vector, b: Vector) => a.map((value, d) => value * b[d])
const plus = (a: Vector, b: Vector) => a.map((value, d) => value + b[d])
const minus = (a: Vector, b: Vector) => a.map((value, d) => value - b[d])
const dot = (a: Vector, b: Vector) => sum(times(a, b))
const norm = (a: Vector) => Math.sqrt(dot(a, a))
const mean = (rows: readonly Vector[]) => rows[0].map((_, d) => sum(rows.map(row => row[d])) / rows.length)

/** A batch in f64, picked by the steps of a sampler, and plain access to vectors and layers. */
function picked(create: (context: ReturnType<typeof samplerContext>) => ScoringSampler, epoch: number) {
  const kernels = createReferenceKernels('f64')
  const context = samplerContext(kernels, { perPositive: K })
  const batch = batchOf(kernels)
  const at = { epoch, batch: 0 }
  const steps = create(context)
  const candidates = steps.draw(batch, at)
  const scores = steps.score(batch, candidates).slice()
  const negatives: Negatives = steps.pick(batch, candidates, scores)
  const { hop, users, items } = context.tables
  const row = (h: number, node: number): Vector => {
    const first = (h * (users + items) + node) * D
    return [...hop.subarray(first, first + D)]
  }
  const layer = (name: string) => (x: Vector) => {
    const { [`${name}.weight`]: weight, [`${name}.bias`]: bias } = steps.learning!.parameters
    return x.map((_, column) => sum(x.map((value, d) => value * weight.values[d * D + column])) + (bias?.values[column] ?? 0)) // biome-ignore format: one line
  }
  const lossOf = () => {
    const loss = kernels.memory.floats(batch.size)
    const gradients = { hops: kernels.memory.floats(hop.length), shift: kernels.memory.floats(batch.size * K * D) }
    steps.learning!.differentiate(batch, at, negatives, gradients, loss)
    return [...loss]
  }
  const rows = scoreRows(batch, candidates, K, steps.perSlot, HOPS)
  return { ...{ batch, scores, negatives, rows, layer, lossOf, steps, at }, user: row, item: (h: number, item: number) => row(h, users + item) } // biome-ignore format: one line
}

/** Every user but the one who has met everything. */
const positivesOf = ({ size, users }: { size: number; users: Int32Array }) =>
  Array.from({ length: size }, (_, b) => b).filter(b => users[b] !== 0)

describe('dens', () => {
  const epoch = 26
  const setting = () => picked(context => dens.create(context, { candidateNegatives: 6, gateWeight: 0.7, gateWarmup: 100 }), epoch) // biome-ignore format: one line
  const gatesOf = ({ layer }: Pick<ReturnType<typeof setting>, 'layer'>) => {
    const relevant = (u: Vector, p: Vector) =>
      times(p, plus(layer('gate.positive')(p), layer('gate.user')(u)).map(sigmoid))
    const relevantNegative = (r: Vector, n: Vector) =>
      times(n, plus(layer('gate.negative')(n), layer('gate.relevant')(r)).map(sigmoid))
    return { relevant, relevantNegative }
  }

  it('scores u·((1 − t/T) n − n^r) hop by hop and picks the largest, within 1e-9', () => {
    const own = setting()
    const { relevant, relevantNegative } = gatesOf(own)
    for (const { slot, h, user, positive, candidates } of own.rows) {
      const [u, p] = [own.user(h, user), own.item(h, positive)]
      const expected = candidates.map(item => {
        const n = own.item(h, item)
        return dot(
          u,
          minus(
            n.map(value => (1 - 25 / 100) * value),
            relevantNegative(relevant(u, p), n),
          ),
        )
      })
      const first = (slot * HOPS + h) * 6
      expected.forEach((score, n) => {
        expect(Math.abs(own.scores[first + n] - score)).toBeLessThan(1e-9)
      })
      const place = candidates.indexOf(own.negatives.items[slot * HOPS + h])
      expect(expected[place]).toBeCloseTo(Math.max(...expected), 9)
    }
  })

  it('learns from four contrasts of relevant and irrelevant parts, within 1e-9', () => {
    const own = setting()
    const { relevant, relevantNegative } = gatesOf(own)
    const loss = own.lossOf()
    const hops = Array.from({ length: HOPS }, (_, h) => h)
    for (const b of positivesOf(own.batch)) {
      const u = mean(hops.map(h => own.user(h, own.batch.users[b])))
      const score = (parts: readonly Vector[]) => dot(u, mean(parts))
      const p = hops.map(h => own.item(h, own.batch.positives[b]))
      const pr = hops.map(h => relevant(own.user(h, own.batch.users[b]), p[h]))
      const n = [0, 1].map(k => hops.map(h => own.item(h, own.negatives.items[(b * K + k) * HOPS + h])))
      const nr = n.map(each => hops.map(h => relevantNegative(pr[h], each[h])))
      const [a, c] = [score(pr), nr.map(score)]
      const [rest, d] = [score(p) - a, n.map((each, k) => score(each) - score(nr[k]))]
      const softplus = (gaps: Vector) => Math.log(1 + sum(gaps.map(Math.exp)))
      const terms = [[rest - a], minus(c, d), c.map(value => value - a), d.map(value => rest - value)].map(softplus)
      expect(Math.abs(loss[b] - (0.7 / 4) * sum(terms))).toBeLessThan(1e-9)
    }
  })
})

describe('ans', () => {
  const options = { candidateNegatives: 6, factorWeight: 0.4, gainWeight: 2, augmentation: 0.5 }
  const setting = () => picked(context => ans.create(context, options), 3)
  const gateOf = ({ layer }: Pick<ReturnType<typeof setting>, 'layer'>, u: Vector, n: Vector) =>
    times(layer('factor.item')(n), layer('factor.user')(u)).map(sigmoid)

  /** Δ without chance: its length, and the sign of each factor. */
  const moveOf = (own: ReturnType<typeof setting>, u: Vector, p: Vector, n: Vector) => {
    const gate = gateOf(own, u, n)
    const { values } = own.steps.learning!.parameters['factor.margin']
    const x = dot([...values.subarray(0, D)], times(times(n, p), times(gate, gate))) + values[D]
    return { length: options.augmentation * sigmoid(1 / x), signs: times(minus(p, n), gate.map(g => 1 - g)).map(Math.sign) } // biome-ignore format: one line
  }

  it('adds a move of the right length and direction to what it picked', () => {
    const own = setting()
    const shift = own.steps.learning!.shift!(own.batch, own.at, own.negatives)
    // of the one hop that the others are taken away from
    for (const { slot, h, user, positive } of own.rows.filter(({ h }) => h === 0)) {
      const n = own.negatives.items[slot * HOPS + h]
      const moves = Array.from({ length: HOPS }, (_, hop) => moveOf(own, own.user(hop, user), own.item(hop, positive), own.item(hop, n))) // biome-ignore format: one line
      const most = sum(moves.map(({ length }) => length)) / HOPS
      expect(norm([...shift.subarray(slot * D, (slot + 1) * D)])).toBeLessThanOrEqual(options.augmentation)
      expect(most).toBeGreaterThan(0)
    }
  })

  it('scores u·n + (1 + ε) u·Δ, Δ within its length: a positive gain along the signs', () => {
    const own = setting()
    for (const { slot, h, user, positive, candidates } of own.rows) {
      const [u, p] = [own.user(h, user), own.item(h, positive)]
      candidates.forEach((item, at) => {
        const n = own.item(h, item)
        const gain = own.scores[(slot * HOPS + h) * 6 + at] - dot(u, n)
        const { length, signs } = moveOf(own, u, p, n)
        // the noise is not negative, so that each factor moves along its sign
        const [low, high] = [signs.map((sign, d) => Math.min(0, sign * u[d])), signs.map((sign, d) => Math.max(0, sign * u[d]))] // biome-ignore format: one line
        expect(gain).toBeLessThanOrEqual(3 * length * norm(high) + 1e-9)
        expect(gain).toBeGreaterThanOrEqual(-3 * length * norm(low) - 1e-9)
      })
    }
  })

  it('learns to tell hard factors from easy ones, within 1e-6', () => {
    const own = setting()
    const loss = own.lossOf()
    for (const b of positivesOf(own.batch)) {
      let expected = 0
      for (let h = 0; h < HOPS; h++) {
        const [u, p] = [own.user(h, own.batch.users[b]), own.item(h, own.batch.positives[b])]
        const parts = [0, 1].map(k => {
          const n = own.item(h, own.negatives.items[(b * K + k) * HOPS + h])
          const gate = gateOf(own, u, n)
          const easy = gate.map(g => 1 - g)
          return {
            gap: dot(u, times(n, easy)) - dot(u, times(n, gate)),
            apart: norm(times(minus(n, p), gate)) + norm(times(times(n, p), times(easy, easy))),
          }
        })
        expected += Math.log(1 + sum(parts.map(({ gap }) => Math.exp(gap)))) + sum(parts.map(({ apart }) => apart)) / K
      }
      expect(Math.abs(loss[b] - (options.factorWeight / HOPS) * expected)).toBeLessThan(1e-6)
    }
  })
})

describe('srns', () => {
  const options = { candidateNegatives: 3, freshCandidates: 10, memoryTemperature: 0.001, deviationWeight: 0 }

  it('remembers each item once, and with a small τ those that score highest of all it was offered', () => {
    const kernels = createKernels()
    const context = samplerContext(kernels)
    const steps = srns.create(context, options)
    const batch = batchOf(kernels)
    for (let epoch = 1; epoch <= 40; epoch++) steps.draw(batch, { epoch, batch: 0 })
    const own = [...steps.draw(batch, { epoch: 41, batch: 0 }).subarray(2 * 3, 3 * 3)]
    const ranked = Array.from({ length: ITEMS }, (_, item) => item).sort(
      (a, b) => pooledScore(context.tables, 2, b) - pooledScore(context.tables, 2, a),
    )
    expect(own).toEqual(ranked.slice(0, 3))
  })

  it('adds α times the deviation of σ(s(u, n) − s(u, p)) over the last epochs to its value now, within 1e-6', () => {
    const kernels = createReferenceKernels('f64')
    const context = samplerContext(kernels)
    const steps = srns.create(context, { ...options, memoryTemperature: 1000, deviationWeight: 4, deviationWarmup: 2 })
    const batch = batchOf(kernels)
    const { tables } = context
    const past: ((user: number, positive: number, item: number) => number)[] = []
    let candidates = kernels.memory.ints(0)
    for (let epoch = 1; epoch <= 7; epoch++) {
      for (let at = 0; at < tables.pooled.length; at++) tables.pooled[at] *= epoch % 3 === 0 ? 0.3 : 1.4
      const vectors = { ...tables, pooled: tables.pooled.slice() }
      past.push((user, positive, item) => sigmoid(pooledScore(vectors, user, item) - pooledScore(vectors, user, positive))) // biome-ignore format: one line
      candidates = steps.draw(batch, { epoch, batch: 0 })
    }
    const scores = steps.score(batch, candidates)
    for (const { slot, user, positive, candidates: own } of scoreRows(batch, candidates, 1, 3, 1))
      own.forEach((item, n) => {
        const values = past.slice(2).map(likelihood => likelihood(user, positive, item))
        const average = sum(values) / 5
        const deviation = Math.sqrt(sum(values.map(value => (value - average) * (value - average))) / 5)
        expect(Math.abs(scores[slot * 3 + n] - (values[4] + 4 * deviation))).toBeLessThan(1e-6)
      })
  })

  it('counts what it draws, which is not what it picks from', () => {
    const kernels = createKernels()
    const steps = srns.create(samplerContext(kernels, { perPositive: 2 }), options)
    steps.draw(batchOf(kernels), { epoch: 1, batch: 0 })
    // 8 users, each once
    expect(steps.stats).toEqual({ draws: 8 * 2 * 10, rejections: 0 })
  })
})

describe('a training that is interrupted goes on with what the sampler had learnt and remembered', () => {
  it.each(['srns', 'dens', 'ans'])('%s', async sampler => {
    const data = randomDataset(8, 20, 0.3)
    const run = (epochs: number, saved?: TrainingState) => {
      let last: TrainingState | undefined
      const done = train({
        kernels: createKernels(),
        train: data,
        model: { part: lightgcn, options: { dimensions: 8, layers: 2 } },
        sampler: { part: sampler, options: { candidateNegatives: 4 } },
        objective: { part: bpr },
        options: { epochs, batchSize: 16, learningRate: 0.05, checkpointEvery: 1 },
        seed: 2,
        checkpoint: {
          load: async () => saved,
          async save({ tensors, ...state }) {
            const kept = Object.entries(tensors).map(([name, { shape, values }]) => [name, { shape, values: values.slice() }]) // biome-ignore format: one line
            last = { ...state, tensors: Object.fromEntries(kept) }
          },
        },
      })
      return done.then(result => ({ ...result, last: last! }))
    }
    const whole = await run(7)
    const { last } = await run(4)
    const resumed = await run(7, last)
    expect(resumed.embeddings).toEqual(whole.embeddings)
    expect(resumed.history).toEqual(whole.history)
  })
})
