import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../src/dataset/dataset.ts'
import { historiesOf } from '../../src/dataset/histories.ts'
import type { FeatureContext, JudgedPlaces } from '../../src/features/feature.ts'
import { features } from '../../src/features/index.ts'
import { learnFeatures, openFeatures } from '../../src/features/table.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { packCodes } from '../../src/trees/codes.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { randomDataset, randomFloats, timed } from '../support/toy.ts'

const K = 5

function contextOf(train: Dataset, kernels = createKernels()): FeatureContext {
  const itemVectors = Float32Array.from(randomFloats(createReferenceKernels('f64'), train.items * 8, 3))
  const embeddings = { dimensions: 8, itemVectors }
  return { train, kernels, seed: 1, embeddings, codes: randomCodes(train.items), verdicts: judgedAtRandom(train) }
}

function judgedAtRandom(train: Dataset): JudgedPlaces {
  const { k, items } = randomCandidates(train, K)
  return { k, items, confidence: Float32Array.from(items, (_, place) => (place % 7) / 7) }
}

const everyUser = (train: Dataset) => Int32Array.from({ length: train.users }, (_, user) => user)

function tableOf(context: FeatureContext, names = features.names) {
  const learned = learnFeatures(
    names.map(name => features.get(name)),
    context,
  )
  const set = openFeatures(learned, context.kernels, context.train.items)
  const { k, items } = randomCandidates(context.train, K)
  const values = set.tabulate(
    { histories: historiesOf(context.train), users: everyUser(context.train), k, items },
    'row',
  )
  return { ...set, ...learned, items, values, width: set.names.length }
}

const plain = randomDataset(30, 40, 0.15)

describe.each([
  ['without order', plain],
  ['with order', timed(plain, 'position')],
] as const)('features %s', (kind, train) => {
  it('fill every candidate with finite numbers, amounts from 0 to 1, and leave empty places at zero', () => {
    const { names, values, items, width, meanings } = tableOf(contextOf(train))
    expect(new Set(names).size).toBe(names.length)
    expect(meanings).toHaveLength(width)
    expect(values).toHaveLength(items.length * width)
    expect(values.every(Number.isFinite)).toBe(true)
    names.forEach((name, column) => {
      if (name.startsWith('√'))
        expect(values.filter((_, at) => at % width === column).every(own => own >= 0 && own <= 1)).toBe(true)
    })
    items.forEach((item, place) => {
      if (item < 0) expect(values.subarray(place * width, (place + 1) * width).every(own => own === 0)).toBe(true)
    })
  })

  it('a row does not depend on other rows', () => {
    const context = contextOf(train)
    const { values, width } = tableOf(context)
    const set = openFeatures(learnFeatures(features.parts, context), context.kernels, train.items)
    const { items } = randomCandidates(train, K)
    const all = historiesOf(train)
    const [begin, end] = [all.offsets[7], all.offsets[8]]
    const histories = {
      offsets: Int32Array.of(0, end - begin),
      indices: all.indices.slice(begin, end),
      ...(all.ages && { ages: all.ages.slice(begin, end) }),
    }
    const alone = set.tabulate({ histories, users: Int32Array.of(7), k: K, items: items.slice(7 * K, 8 * K) }, 'row')
    expect(alone).toEqual(values.slice(7 * K * width, 8 * K * width))
  })

  it('the same bits from three threads, and within 1e-5 of the reference kernels', () => {
    const threads = createKernels({ threads: 3, pieceCost: 1 })
    try {
      const { values } = tableOf(contextOf(train))
      expect(tableOf(contextOf(train, threads)).values).toEqual(values)
      tableOf(contextOf(train, createReferenceKernels('f64'))).values.forEach((own, at) => {
        expect(Math.abs(own - values[at])).toBeLessThan(1e-5)
      })
    } finally {
      threads.close()
    }
  })

  it(`what needs order is ${kind === 'with order' ? 'there' : 'left out, with the reason'}`, () => {
    const { unavailable, names } = tableOf(contextOf(train))
    if (kind === 'with order') return expect(unavailable).toEqual([])
    expect(unavailable.map(({ name }) => name)).toEqual(['ordered-walk', 'next-items'])
    expect(unavailable[0].reason).toContain('needs the order of interactions')
    expect(names.some(name => name.includes('newest'))).toBe(false)
  })
})

describe('features by hand', () => {
  it('verdicts: confidence and whether it was asked, of a known user, whatever the order; nothing of anybody else', () => {
    const verdicts = { k: 2, items: Int32Array.of(3, -1, 5, 4), confidence: Float32Array.of(0.25, 0.9, 0, 0.5) }
    const context = { train: { users: 2, items: 6 } as Dataset, kernels: createKernels(), seed: 1, verdicts }
    const set = openFeatures(learnFeatures([features.get('verdicts')], context), context.kernels, 6)
    expect(set.names).toEqual(['verdicts confidence', 'verdicts asked'])
    const histories = { offsets: new Int32Array(4), indices: new Int32Array(0) }
    const block = { histories, k: 2, items: Int32Array.of(4, 5, 3, 1, 4, 3) }
    const asked = set.tabulate({ ...block, users: Int32Array.of(1, 0, -1) }, 'row')
    expect(Array.from(asked)).toEqual([0.5, 1, 0, 1, 0.25, 1, 0, 0, 0, 0, 0, 0])
    expect(set.tabulate(block, 'row').every(value => value === 0)).toBe(true)
  })

  it('neighbours: sums, decays, newest, largest and second largest, of a matrix of two rows', async () => {
    const { defineNeighbourFeature } = await import('../../src/features/neighbours.ts')
    const weights = {
      offsets: Int32Array.of(0, 2, 3, 3, 3),
      indices: Int32Array.of(2, 3, 2),
      values: Float32Array.of(4, 1, 2),
    }
    const feature = defineNeighbourFeature({
      ...{ name: 'x', summary: '', source: '', meaning: 'm', options: {} },
      baseline: { fit: () => ({ weights }) } as never,
    })
    const state = feature.learn({ train: { timestamps: new Float64Array(1) } } as never)
    const { columns, fill } = feature.open(createKernels(), name => state.tensors[name].values, state.ordered, 4)
    const values = new Float32Array(3 * 6)
    // the history is item 0, then item 1; candidates 2, 3 and none
    const histories = { offsets: Int32Array.of(0, 2), indices: Int32Array.of(0, 1), ages: Float32Array.of(1, 0) }
    fill({ histories, k: 3, items: Int32Array.of(2, 3, -1) }, { values, stride: 6, first: 0 })
    expect(columns.map(({ name }) => name)).toEqual(['sum', 'sum-0.8', 'sum-0.4', 'newest', 'largest', 'second'])
    const rounded = Array.from(values, own => Math.round(own * 1e6) / 1e6)
    expect(rounded).toEqual([6, 5.2, 3.6, 2, 4, 2, 1, 0.8, 0.4, 0, 1, 0, 0, 0, 0, 0, 0, 0])
  })

  it('codes: longest shared prefix and share of the history at half of the depth, view by view', () => {
    const kernels = createKernels()
    const structural = packCodes([[0, 1], [0, 2], [3, 0], [0, 1]]) // biome-ignore format: one line
    const semantic = packCodes([[1], [2], [3], [3]])
    const feature = features.get('codes')
    const state = feature.learn({ train: { items: 4 }, codes: { structural, semantic } } as never)
    const { fill } = feature.open(kernels, name => state.tensors[name].values, state.ordered, 4)
    const values = new Float32Array(4)
    const histories = { offsets: Int32Array.of(0, 3), indices: Int32Array.of(0, 1, 2) }
    fill({ histories, k: 1, items: Int32Array.of(3) }, { values, stride: 4, first: 0 })
    expect(Array.from(values)).toEqual([2, Math.fround(2 / 3), 1, Math.fround(1 / 3)])
  })

  it('vectors: largest, mean and newest cosine', () => {
    const feature = features.get('vectors')
    const itemVectors = Float32Array.of(2, 0, 0, 0, 0, 3, 0, 0, 3, 4, 0, 0)
    const train = { items: 3, timestamps: new Float64Array(1) }
    const state = feature.learn({ train, embeddings: { dimensions: 4, itemVectors } } as never)
    const { fill } = feature.open(createKernels(), name => state.tensors[name].values, state.ordered, 3)
    const values = new Float32Array(3)
    const histories = { offsets: Int32Array.of(0, 2), indices: Int32Array.of(0, 1), ages: Float32Array.of(0, 1) }
    fill({ histories, k: 1, items: Int32Array.of(2) }, { values, stride: 3, first: 0 })
    expect(Array.from(values, own => Math.round(own * 1e5) / 1e5)).toEqual([0.8, 0.7, 0.6])
  })
})
