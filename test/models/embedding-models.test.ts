import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary, type Dataset } from '../../src/dataset/dataset.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { models } from '../../src/models/index.ts'
import { itemView } from '../../src/models/item-view.ts'
import { lightgcn } from '../../src/models/lightgcn.ts'
import { lmf } from '../../src/models/lmf.ts'
import { mf } from '../../src/models/mf.ts'
import { xsimgcl } from '../../src/models/xsimgcl.ts'
import { type Expectations, modelContract } from '../contracts/model.ts'
import { randomDataset } from '../support/toy.ts'

const itemGraph = { itemGraphWeight: 0.5, itemGraphNeighbors: 1, itemGraphShrinkage: 0.5 }

/** What a model is, in dense matrices; one that is not named here is compared with itself only. */
const expectations: Record<string, Expectations> = {
  mf: {
    hops: train => [identity(train.users + train.items)],
    skip: [{ test: 'edge weights enter the graph', reason: 'has no graph' }],
  },
  lmf: {
    skip: [
      { test: 'edge weights enter the graph', reason: 'has no graph' },
      {
        test: 'initial vectors fill the Xavier bound of their table, and are near 0 in the mean',
        reason: 'two columns hold biases and 1',
      },
    ],
  },
  neumf: {
    vectorLength: dimensions => 2 * dimensions,
    hops: train => [identity(train.users + train.items)],
    skip: [{ test: 'edge weights enter the graph', reason: 'has no graph' }],
  },
  simplex: { skip: [{ test: 'edge weights enter the graph', reason: 'has no graph' }] },
  ngcf: { options: { layers: 2 }, vectorLength: dimensions => 3 * dimensions },
  lightgcn: {
    options: { layers: 2, ...itemGraph },
    hops(train, weightOf) {
      const adjacency = withItemEdges(normalized(train, weightOf), train)
      return [identity(adjacency.length), adjacency, product(adjacency, adjacency)]
    },
  },
}

const propagated = { options: { layers: 2, ...itemGraph }, hops: expectations.lightgcn.hops! }
Object.assign(expectations, {
  simgcl: propagated,
  xsimgcl: {
    options: { ...propagated.options, layers: 3 },
    hops(...given: Parameters<typeof propagated.hops>) {
      const matrices = propagated.hops(...given)
      return [...matrices, product(matrices[1], matrices[2])]
    },
  },
})

for (const model of models.parts) modelContract(model, expectations[model.name])

type Matrix = number[][]

const identity = (size: number): Matrix =>
  Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, column) => Number(row === column)))

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map(row => b.map((_, column) => row.reduce((sum, value, k) => sum + value * b[k][column], 0)))

/** a_ui / sqrt(d_u d_i) in both directions; 0 in the rows of nodes without edges. */
function normalized({ users, items, byUser }: Dataset, weightOf: (user: number, item: number) => number): Matrix {
  const size = users + items
  const dense = identity(size).map(row => row.map(() => 0))
  for (let user = 0; user < users; user++) {
    for (const item of columnsOf(byUser, user)) {
      dense[user][users + item] = weightOf(user, item)
      dense[users + item][user] = weightOf(user, item)
    }
  }
  const degrees = dense.map(row => row.reduce((sum, value) => sum + value, 0))
  return dense.map((row, a) => row.map((value, b) => (value === 0 ? 0 : value / Math.sqrt(degrees[a] * degrees[b]))))
}

/** The block of items and items filled from `itemView`, which has tests of its own. */
function withItemEdges(adjacency: Matrix, train: Dataset): Matrix {
  const { offsets, indices, values } = itemView(train, itemGraph, 1, createKernels())!
  for (let item = 0; item < train.items; item++)
    for (let e = offsets[item]; e < offsets[item + 1]; e++)
      adjacency[train.users + item][train.users + indices[e]] = values[e]
  return adjacency
}

describe('lightgcn by hand', () => {
  // user 0 met both items, user 1 the first: Â has 1/2, 1/√2 and 1/√2
  const train = createDataset(
    { users: [0, 0, 1], items: [0, 1, 0] },
    createVocabulary([0, 1]),
    createVocabulary([0, 1]),
  )
  const half = 1 / 2
  const root = 1 / Math.sqrt(2)

  /** The first component of every node after each hop; the vectors start as units of 1, 2, 3, 4. */
  function components(edgeWeights?: Float32Array) {
    const kernels = createKernels()
    const context = { train, kernels, seed: 1, ...(edgeWeights && { edgeWeights }) }
    const { parameters, tables, forward } = lightgcn.create(context, { dimensions: 4, layers: 2 })
    parameters.embeddings.values.fill(0)
    for (const [node, value] of [1, 2, 3, 4].entries()) parameters.embeddings.values[node * 4] = value
    forward()
    const column = (table: ArrayLike<number>) => [0, 1, 2, 3].map(node => table[node * 4])
    return { hops: [0, 1, 2].map(h => column(tables.hop.subarray(h * 16))), pooled: column(tables.pooled) }
  }
  const closeTo = (values: number[]) => values.map(value => expect.closeTo(value, 6))

  it('two users and two items, two hops', () => {
    const { hops, pooled } = components()
    const first = [half * 3 + root * 4, root * 3, half * 1 + root * 2, root * 1]
    const second = [
      half * first[2] + root * first[3],
      root * first[2],
      half * first[0] + root * first[1],
      root * first[0],
    ]
    expect(hops).toEqual([[1, 2, 3, 4], closeTo(first), closeTo(second)])
    expect(pooled).toEqual(closeTo([1, 2, 3, 4].map((value, node) => (value + first[node] + second[node]) / 3)))
  })

  it('weights enter the edges and the degrees', () => {
    // weights 3, 1, 1: user 0 has degree 4, item 0 has 4, the others 1
    const { hops } = components(Float32Array.of(3, 1, 1))
    expect(hops[1]).toEqual(closeTo([(3 / 4) * 3 + half * 4, half * 3, (3 / 4) * 1 + half * 2, half * 1]))
  })

  it('a weight that all edges share changes nothing', () => {
    const { hops } = components(Float32Array.of(0.25, 0.25, 0.25))
    expect(hops.map(closeTo)).toEqual(components().hops.map(closeTo))
  })
})

it('mf ignores edge weights', () => {
  const train = randomDataset(5, 7, 0.4)
  const outcome = (edgeWeights?: Float32Array) => {
    const kernels = createKernels()
    const context = { train, kernels, seed: 1, ...(edgeWeights && { edgeWeights }) }
    const model = mf.create(context, { dimensions: 4 })
    model.forward()
    return Array.from(model.tables.pooled)
  }
  expect(outcome(new Float32Array(train.interactions).fill(0.3))).toEqual(outcome())
})

it('xsimgcl has no hop beyond its layers to contrast with', () => {
  const context = { train: randomDataset(4, 5, 0.4), kernels: createKernels(), seed: 1 }
  expect(() => xsimgcl.create(context, { layers: 2, contrastHop: 3 })).toThrow(
    'model "xsimgcl": --contrast-hop: there is no hop 3 in 2 layers: give 1 to 2, or more layers',
  )
})

describe('lmf', () => {
  const make = () =>
    lmf.create({ train: randomDataset(3, 4, 0.4), kernels: createKernels(), seed: 1 }, { dimensions: 8 })

  it('adds the biases of user and item to the product of their other dimensions', () => {
    const { tables, forward } = make()
    const row = (node: number) => tables.pooled.subarray(node * 8, (node + 1) * 8)
    const [user, item] = [row(1), row(3 + 2)]
    user[6] = 0.25
    item[7] = -2
    forward()
    const product = (a: typeof user, b: typeof user, count: number) => {
      let sum = 0
      for (let d = 0; d < count; d++) sum += a[d] * b[d]
      return sum
    }
    expect(product(user, item, 8)).toBeCloseTo(product(user, item, 6) + 0.25 - 2, 6)
  })

  it('keeps what is fixed at 1', () => {
    const { parameters, backward } = make()
    backward((_hop, out) => out.fill(5), 1)
    const { gradient } = parameters.embeddings
    for (let node = 0; node < 7; node++)
      for (let d = 0; d < 8; d++) expect(gradient[node * 8 + d]).toBe(d === (node < 3 ? 7 : 6) ? 0 : 5)
  })
})
