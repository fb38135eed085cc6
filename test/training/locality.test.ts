import { describe, expect, it } from 'vitest'
import { type Dataset, pairsOf } from '../../src/dataset/dataset.ts'
import type { Codes, CsrPattern } from '../../src/kernels/interface/kernels.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { mf } from '../../src/models/mf.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { derive, randomStream } from '../../src/random.ts'
import { numberByCode, renumber, restoreVectors } from '../../src/training/locality.ts'
import { type TrainRequest, train } from '../../src/training/trainer.ts'
import { randomDataset } from '../support/toy.ts'

const plain = randomDataset(30, 40, 0.15)
const random = randomStream(derive(1, 'locality'))
const data: Dataset = { ...plain, weights: Float32Array.from({ length: plain.interactions }, random.uniform) }
const codesOf = (): Codes => ({ depth: 3, values: Int8Array.from({ length: 120 }, () => random.below(3)) })
const codes = { structural: codesOf(), semantic: codesOf() }
const numbering = numberByCode(data, codes.structural)
const kernels = createKernels()
const request: TrainRequest = {
  kernels,
  train: data,
  forbidden: data.byUser,
  edgeWeights: data.weights!,
  codes,
  model: { definition: mf, options: { dimensions: 4 } },
  sampler: { sampler: 'dual-tree', options: { base: 'dns' } },
  objective: { definition: bpr },
  options: { epochs: 2, batchSize: 16 },
  seed: 1,
}
const renumbered = renumber(request, numbering)

/** Pairs in the old numbers, with a value each, sorted. */
function pairsIn({ users, items }: { users: ArrayLike<number>; items: ArrayLike<number> }, values?: Float32Array) {
  return Array.from(users, (user, at) => `${user} ${items[at]} ${values?.[at]}`).sort()
}
const oldOf = (numbers: Int32Array) => (number: number) => numbers.indexOf(number)
function inOldNumbers(dataset: Dataset, values?: Float32Array) {
  const { users, items } = pairsOf(dataset)
  return pairsIn({ users: users.map(oldOf(numbering.users)), items: items.map(oldOf(numbering.items)) }, values)
}
const ascending = ({ offsets, indices }: CsrPattern) =>
  Array.from({ length: offsets.length - 1 }, (_, row) => indices.subarray(offsets[row], offsets[row + 1])).every(
    columns => columns.every((column, at) => at === 0 || columns[at - 1] < column),
  )

describe('numbering by code', () => {
  it('is a permutation in which codes ascend, and users go where the middle of their history is', () => {
    expect(Array.from(numbering.items).sort((a, b) => a - b)).toEqual(Array.from(numbering.items.keys()))
    expect(Array.from(numbering.users).sort((a, b) => a - b)).toEqual(Array.from(numbering.users.keys()))
    const texts = Array.from({ length: 40 }, (_, number) => {
      const item = numbering.items.indexOf(number)
      return codes.structural.values.subarray(3 * item, 3 * item + 3).join('')
    })
    expect(texts).toEqual(texts.toSorted())
    const middles = Array.from({ length: 30 }, (_, number) => {
      const user = numbering.users.indexOf(number)
      const history = data.byUser.indices.subarray(data.byUser.offsets[user], data.byUser.offsets[user + 1])
      return history.map(item => numbering.items[item]).sort()[history.length >> 1] ?? 40
    })
    expect(middles).toEqual(middles.toSorted((a, b) => a - b))
  })

  it('keeps every pair with its weight, and what belongs to an item or an edge', () => {
    const original = pairsIn(pairsOf(data), data.weights)
    expect(inOldNumbers(renumbered.train, renumbered.train.weights)).toEqual(original)
    expect(inOldNumbers(renumbered.train, renumbered.edgeWeights)).toEqual(original)
    expect(ascending(renumbered.train.byUser) && ascending(renumbered.forbidden!)).toBe(true)
    expect(inOldNumbers({ ...renumbered.train, byUser: renumbered.forbidden! })).toEqual(pairsIn(pairsOf(data)))
    const code = ({ values }: Codes, item: number) => Array.from(values.subarray(3 * item, 3 * item + 3))
    for (let item = 0; item < 40; item++) {
      expect(code(renumbered.codes!.semantic, numbering.items[item])).toEqual(code(codes.semantic, item))
      expect(renumbered.train.itemIds.ids[numbering.items[item]]).toBe(data.itemIds.ids[item])
      expect(renumbered.train.itemIds.indexOf(data.itemIds.ids[item])).toBe(numbering.items[item])
    }
    expect(renumbered.train.itemIds.indexOf('no such item')).toBe(-1)
  })

  it('shows neither in what is validated nor in what comes out', async () => {
    let seen: number[] = []
    const validate = ({
      userVectors,
      itemVectors,
    }: {
      userVectors: ArrayLike<number>
      itemVectors: ArrayLike<number>
    }) => {
      seen = [...Array.from(userVectors), ...Array.from(itemVectors)]
      return 1
    }
    const { embeddings } = await train({ ...request, validate, options: { ...request.options, validateEvery: 2 } })
    expect([...embeddings.userVectors, ...embeddings.itemVectors]).toEqual(seen)
    const { codes: _, ...without } = renumbered
    const own = await train({ ...without, sampler: { sampler: 'dns' } })
    const same = await train({ ...request, sampler: { sampler: 'dns' } })
    expect(same.embeddings).toEqual(restoreVectors(own.embeddings, numbering))
  })
})
