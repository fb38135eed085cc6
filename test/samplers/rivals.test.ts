import { describe, expect, it } from 'vitest'
import { buildCsr } from '../../src/dataset/csr.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { dns } from '../../src/samplers/dns.ts'
import { gdns } from '../../src/samplers/gdns.ts'
import { mcns } from '../../src/samplers/mcns.ts'
import { realhns } from '../../src/samplers/realhns.ts'
import { recns } from '../../src/samplers/recns.ts'
import { allowedItems, batchOf, ITEMS, samplerContext, USERS } from '../contracts/sampler.ts'

const rowOf = (values: ArrayLike<number>, at: number, length: number) =>
  Array.from({ length }, (_, d) => values[at * length + d])
const dot = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * b[d], 0)

it('gdns adds by how much the gap to a candidate grew per epoch', () => {
  const kernels = createKernels()
  const context = samplerContext(kernels)
  const { tables } = context
  const sampler = gdns.create(context, { candidateNegatives: 3, gapWeight: 2 })
  const batch = batchOf(kernels, 4)
  const score = (epoch: number) => {
    const candidates = sampler.draw(batch, { epoch, batch: 0 })
    return { candidates: candidates.slice(), scores: Array.from(sampler.score(batch, candidates)) }
  }
  const inner = (b: number, item: number, table: ArrayLike<number>) =>
    dot(rowOf(table, batch.users[b], 8), rowOf(table, USERS + item, 8))
  const before = tables.pooled.slice()
  const first = score(1)
  first.candidates.forEach((item, at) => {
    if (item >= 0) expect(first.scores[at]).toBeCloseTo(inner(Math.floor(at / 3), item, before), 5)
  })
  for (let at = 0; at < tables.pooled.length; at++) tables.pooled[at] *= 1 + 0.1 * (at % 3)
  const later = score(3)
  later.candidates.forEach((item, at) => {
    if (item < 0) return
    const b = Math.floor(at / 3)
    const gap = (table: ArrayLike<number>) => inner(b, batch.positives[b], table) - inner(b, item, table)
    const gain = (gap(tables.pooled) - gap(before)) / 2
    expect(later.scores[at]).toBeCloseTo(inner(b, item, tables.pooled) + 2 * gain, 4)
  })
})

describe('mcns', () => {
  it('visits items in proportion to a power of their likelihood', () => {
    const kernels = createKernels()
    const context = samplerContext(kernels)
    const sampler = mcns.create(context, { chainSteps: 4, chainPower: 1 })
    const user = 3
    const counts = new Float64Array(ITEMS)
    const batch = { size: 1, users: kernels.memory.copy(Int32Array.of(user)), positives: kernels.memory.ints(1) }
    for (let epoch = 1; epoch <= 6000; epoch++) counts[sampler.sample(batch, { epoch, batch: 0 }).items[0]]++
    const { pooled } = context.tables
    const likelihood = (item: number) =>
      1 / (1 + Math.exp(-dot(rowOf(pooled, user, 8), rowOf(pooled, USERS + item, 8))))
    const allowed = allowedItems(user)
    const total = allowed.reduce((sum, item) => sum + likelihood(item), 0)
    for (const item of allowed) expect(Math.abs(counts[item] / 6000 - likelihood(item) / total)).toBeLessThan(0.03)
  })

  it('goes on where its chain was', () => {
    const kernels = createKernels()
    const context = samplerContext(kernels, { perPositive: 2 })
    const sampler = mcns.create(context, { chainSteps: 1, chainPower: 4 })
    const batch = batchOf(kernels, USERS)
    const { items } = sampler.sample(batch, { epoch: 1, batch: 0 })
    expect(Array.from(sampler.state!.chains)).toEqual(Array.from(items))
  })
})

it('recns walks from the positive to what others have, and is dns without a middle region', () => {
  const kernels = createKernels()
  // users 0 and 1 share item 0; 1 has 5 beside it, 2 has 7 alone
  const forbidden = residentPattern(kernels.memory, buildCsr([0, 1, 1, 2], [0, 0, 5, 7], USERS, ITEMS).pattern)
  const context = samplerContext(kernels, { forbidden })
  const batch = { size: 1, users: kernels.memory.ints(1), positives: kernels.memory.ints(1) }
  const share = (middleShare: number) => {
    const sampler = recns.create(context, { candidateNegatives: 4, middleShare })
    let fives = 0
    for (let epoch = 1; epoch <= 400; epoch++)
      fives += Array.from(sampler.draw(batch, { epoch, batch: 0 })).filter(item => item === 5).length
    return fives / 1600
  }
  // from item 0 to user 1 in half of the walks, from there to item 5 in half
  expect(share(1)).toBeCloseTo(1 / 4 + (3 / 4) * (1 / 12), 1)
  expect(share(0)).toBeCloseTo(1 / 12, 1)
  const draw = (sampler: ReturnType<typeof dns.create>) => Array.from(sampler.draw(batch, { epoch: 3, batch: 1 }))
  expect(draw(recns.create(context, { candidateNegatives: 4, middleShare: 0 }))).toEqual(
    draw(dns.create(context, { candidateNegatives: 4 })),
  )
})

it('realhns refuses what is nearer to the history than its own items are, unless all are', () => {
  const kernels = createKernels()
  const context = samplerContext(kernels)
  const { pooled } = context.tables
  const user = 3
  const { offsets, indices } = context.forbidden
  const history = Array.from(indices.subarray(offsets[user], offsets[user + 1]))
  // all of the history points one way, item 0 too, and item 1 the other way
  for (const [item, sign] of [...history.map(own => [own, 1]), [1, 1], [2, -1]] as const)
    for (let d = 0; d < 8; d++)
      pooled[(USERS + item) * 8 + d] = d === 0 ? sign * (1 + item) : d === 1 && item === history[0] ? 0.2 : 0
  const batch = {
    size: 1,
    users: kernels.memory.copy(Int32Array.of(user)),
    positives: kernels.memory.copy(Int32Array.of(history[0])),
  }
  const base = dns.create(context, { candidateNegatives: 2 })
  const sampler = realhns.decorate(base, context, { falseFactor: 1 })
  const pick = (...items: number[]) => {
    const candidates = kernels.memory.copy(Int32Array.from(items))
    return sampler.pick(batch, candidates, sampler.score(batch, candidates)).items[0]
  }
  pooled[user * 8] = 5
  // dns would take item 1
  expect(
    base.pick(
      batch,
      kernels.memory.copy(Int32Array.of(2, 1)),
      base.score(batch, kernels.memory.copy(Int32Array.of(2, 1))),
    ).items[0],
  ).toBe(1)
  expect(pick(2, 1)).toBe(2)
  expect(pick(1, 1)).toBe(1)
})
