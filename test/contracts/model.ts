import { expect } from 'vitest'
import { createDataset, type Dataset } from '../../src/dataset/dataset.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import type { Floats, Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import type { TouchedNodes } from '../../src/kernels/rows.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import type { EmbeddingContext, EmbeddingDefinition, EmbeddingModel, WriteGradients } from '../../src/models/model.ts'
import { describeOptions } from '../../src/options.ts'
import { randomBatch, randomDataset, randomFloats } from '../support/toy.ts'
import { contract, type Skip } from './contract.ts'
import { otherValue } from './perturb.ts'

export interface Expectations {
  /** tests that do not apply, and why */
  readonly skip?: readonly Skip[]
  /** length of the vectors of a model whose option `dimensions` is not it */
  vectorLength?(dimensions: number): number
  /** more options than `dimensions: 4` that keep a test quick */
  readonly options?: Readonly<Record<string, unknown>>
  /**
   * For a model that is linear in its vectors: the dense matrix [nodes × nodes] that gives each hop from the initial
   * vectors, written without kernels. Without it, forward and backward are only compared with each other.
   */
  hops?(train: Dataset, weightOf: (user: number, item: number) => number): number[][][]
}

/** 6 users and 9 items; user 2 and item 5 have no interaction at all. */
export const train: Dataset = withoutUserAndItem(randomDataset(6, 9, 0.35, 3), 2, 5)
const NODES = train.users + train.items
const edgeWeights = Float32Array.from({ length: train.interactions }, (_, edge) => 0.2 + ((edge * 7) % 10) / 10)

function withoutUserAndItem({ byUser, userIds, itemIds }: Dataset, user: number, item: number): Dataset {
  const pairs = { users: [] as number[], items: [] as number[] }
  for (let u = 0; u < userIds.ids.length; u++) {
    if (u === user) continue
    for (const i of columnsOf(byUser, u)) {
      if (i === item) continue
      pairs.users.push(u)
      pairs.items.push(i)
    }
  }
  return createDataset(pairs, userIds, itemIds)
}

/** What every embedding model must do. */
export function modelContract(definition: EmbeddingDefinition, expectations: Expectations = {}): void {
  const { skip = [], options = {}, hops, vectorLength = (dimensions: number) => dimensions } = expectations
  const create = (kernels: Kernels, changes: Partial<EmbeddingContext> = {}, own: object = {}): EmbeddingModel =>
    definition.create({ train, kernels, seed: 1, ...changes }, { dimensions: 4, ...options, ...own })
  /** Parameters far from zero, and the tables that follow from them. */
  const filled = (kernels: Kernels, changes: Partial<EmbeddingContext> = {}, own: object = {}) => {
    const model = create(kernels, changes, own)
    Object.values(model.parameters).forEach(({ values }, at) => {
      values.set(randomFloats(kernels, values.length, 3 + at))
    })
    model.forward()
    return model
  }
  const hopGradients = (kernels: Kernels, { tables }: EmbeddingModel, pickedHops: number) =>
    randomFloats(kernels, pickedHops * tables.pooled.length, 9)
  /** `backward` from gradients of hops, one table behind the other, all of which it must ask for. */
  const backward = (model: EmbeddingModel, gradients: Floats, touched?: TouchedNodes) => {
    const size = model.tables.pooled.length
    const asked: number[] = []
    const write: WriteGradients = (hop, out) => {
      asked.push(hop)
      for (let node = 0; node < NODES; node++)
        if (touched?.marks[node] !== 0) rowOf(out, node).set(rowOf(gradients, hop * NODES + node))
    }
    model.backward(write, gradients.length / size, touched)
    expect(asked.sort()).toEqual(Array.from({ length: gradients.length / size }, (_, hop) => hop))
  }
  const rowOf = (table: Floats, row: number) => table.subarray(row * vectorLength(4), (row + 1) * vectorLength(4))
  /** Those that `backward` fills: a scorer's are filled with the loss. */
  const gradientsOf = ({ parameters, tables: { scorer } }: EmbeddingModel) =>
    Object.entries(parameters)
      .filter(([name]) => !(name in (scorer?.parameters ?? {})))
      .flatMap(([, { gradient }]) => Array.from(gradient))

  contract(`model "${definition.name}"`, skip, test => {
    test('tables of H hops, with a parameter "embeddings" of initial vectors', () => {
      const { parameters, tables } = create(createKernels(), {}, { dimensions: 8 })
      expect(tables).toMatchObject({ users: train.users, items: train.items, dimensions: vectorLength(8) })
      expect(tables.hops).toBeGreaterThanOrEqual(1)
      expect(tables.hop).toHaveLength(tables.hops * tables.pooled.length)
      expect(tables.pooled).toHaveLength(NODES * vectorLength(8))
      // regularisation works on it
      expect([NODES * 8, tables.pooled.length]).toContain(parameters.embeddings.values.length)
      for (const { values, gradient } of Object.values(parameters)) expect(gradient).toHaveLength(values.length)
    })

    test('initial vectors fill the Xavier bound of their table, and are near 0 in the mean', () => {
      const large = randomDataset(300, 500, 0.01)
      const { parameters } = create(createKernels(), { train: large }, { dimensions: 8 })
      const values = Array.from(parameters.embeddings.values)
      const width = values.length / 800
      for (const [rows, table] of [
        [300, values.slice(0, 300 * width)],
        [500, values.slice(300 * width)],
      ] as const) {
        // biome-ignore format: a table
        const bound = Math.sqrt(6 / (rows + width))
        const largest = table.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        expect(largest).toBeLessThanOrEqual(bound)
        expect(largest).toBeGreaterThan(0.99 * bound)
        const mean = table.reduce((sum, value) => sum + value, 0) / table.length
        expect(Math.abs(mean)).toBeLessThan((5 * bound) / Math.sqrt(3 * table.length))
      }
    })

    test('initial vectors are a function of the seed, on both backends', () => {
      const initial = (seed: number, kernels: Kernels) =>
        Object.values(create(kernels, { seed }).parameters).map(({ values }) => Array.from(values))
      expect(initial(1, createKernels())).toEqual(initial(1, createKernels()))
      expect(initial(1, createReferenceKernels('f32'))).toEqual(initial(1, createKernels()))
      expect(initial(2, createKernels())).not.toEqual(initial(1, createKernels()))
    })

    test('pooled is the mean over the hops', () => {
      const { tables } = filled(createReferenceKernels('f64'))
      tables.pooled.forEach((value, at) => {
        let sum = 0
        for (let h = 0; h < tables.hops; h++) sum += tables.hop[h * tables.pooled.length + at]
        expect(value).toBeCloseTo(sum / tables.hops, 12)
      })
    })

    test('forward gives the same again, and backward overwrites', () => {
      const kernels = createKernels()
      const model = filled(kernels)
      const before = Array.from(model.tables.hop)
      model.forward()
      expect(Array.from(model.tables.hop)).toEqual(before)
      const gradients = hopGradients(kernels, model, model.tables.hops)
      backward(model, gradients)
      const once = gradientsOf(model)
      model.forward()
      expect(Array.from(model.tables.hop)).toEqual(before)
      backward(model, gradients)
      expect(gradientsOf(model)).toEqual(once)
    })

    test('backward is the derivative of forward by central differences, within 1e-6', () => {
      const kernels = createReferenceKernels('f64')
      const model = filled(kernels)
      const gradients = hopGradients(kernels, model, model.tables.hops)
      backward(model, gradients)
      const loss = () => {
        model.forward()
        return Array.from(model.tables.hop).reduce((sum, value, at) => sum + value * gradients[at], 0)
      }
      // they may lie where the next forward pass puts hops
      const found = Object.entries(model.parameters).map(([name, own]) => ({
        name,
        ...own,
        gradient: own.gradient.slice(),
      }))
      for (const { name, values, gradient } of found) {
        for (let at = 0; at < values.length; at++) {
          const kept = values[at]
          values[at] = kept + 1e-5
          const above = loss()
          values[at] = kept - 1e-5
          const difference = (above - loss()) / 2e-5
          values[at] = kept
          expect(Math.abs(difference - gradient[at]), `${name}[${at}]`).toBeLessThan(1e-6)
        }
      }
    })

    test('backward from one shared table is backward from H equal tables, within 1e-6', () => {
      const kernels = createKernels()
      const model = filled(kernels)
      const { hops: count, pooled } = model.tables
      const shared = hopGradients(kernels, model, 1)
      const repeated = kernels.memory.floats(count * pooled.length)
      for (let h = 0; h < count; h++) repeated.set(shared, h * pooled.length)
      backward(model, repeated)
      const expected = gradientsOf(model)
      backward(model, shared)
      expectClose(gradientsOf(model), expected, 1e-6)
      expect(expected.some(value => Math.abs(value) > 0.1)).toBe(true)
    })

    test('both backends agree within 1e-6', () => {
      const run = (kernels: Kernels) => {
        const model = filled(kernels, { edgeWeights })
        const hop = model.tables.hop.slice()
        backward(model, hopGradients(kernels, model, model.tables.hops))
        return { ...model.tables, hop, gradients: gradientsOf(model) }
      }
      const [expected, actual] = [run(createReferenceKernels('f64')), run(createKernels())]
      expectClose(actual.hop, expected.hop, 1e-6)
      expectClose(actual.pooled, expected.pooled, 1e-6)
      expectClose(actual.gradients, expected.gradients, 1e-6)
    })

    test('forward for some of the nodes gives these the same vectors, to the bit', () => {
      for (const kernels of [createKernels(), createReferenceKernels('f64')]) {
        const model = filled(kernels)
        const { tables, parameters } = model
        const whole = { hop: tables.hop.slice(), pooled: tables.pooled.slice() }
        const needed = kernels.memory.copy(Int8Array.from({ length: NODES }, (_, node) => Number(node % 3 !== 1)))
        // what is left stale shall not be right by chance
        const initial = Object.values(parameters).map(({ values }) => values.slice())
        for (const { values } of Object.values(parameters)) values.fill(7)
        model.forward()
        Object.values(parameters).forEach(({ values }, at) => {
          values.set(initial[at])
        })
        model.forward(needed)
        const last = (tables.hops - 1) * NODES
        for (let row = 0; row < tables.hops * NODES; row++)
          if (row < last || needed[row - last])
            expect(rowOf(tables.hop, row), `row ${row}`).toEqual(rowOf(whole.hop, row))
        for (let node = 0; node < NODES; node++)
          if (needed[node]) expect(rowOf(tables.pooled, node)).toEqual(rowOf(whole.pooled, node))
      }
    })

    test('backward that is told where the gradients are zero gives the same, to the bit', () => {
      for (const kernels of [createKernels(), createReferenceKernels('f64')]) {
        const model = filled(kernels)
        const marks = Int8Array.from({ length: NODES }, (_, node) => Number(node % 4 === 1))
        const rows = Int32Array.from(marks.keys()).filter(node => marks[node])
        const touched = { marks: kernels.memory.copy(marks), rows: kernels.memory.copy(rows), count: rows.length }
        for (const pickedHops of [1, model.tables.hops]) {
          const gradients = hopGradients(kernels, model, pickedHops)
          for (let row = 0; row < pickedHops * NODES; row++)
            if (!touched.marks[row % NODES]) rowOf(gradients, row).fill(0)
          backward(model, gradients)
          const expected = gradientsOf(model)
          // of a sparse parameter only the touched rows are overwritten
          for (const { gradient, sparse } of Object.values(model.parameters)) gradient.fill(sparse ? 0 : 7)
          backward(model, gradients, touched)
          expect(gradientsOf(model)).toEqual(expected)
          expect(expected.some(value => value !== 0)).toBe(true)
        }
      }
    })

    test('edge weights enter the graph', () => {
      const pooledWith = (weights?: Float32Array) =>
        Array.from(filled(createKernels(), weights && { edgeWeights: weights }).tables.pooled)
      expect(pooledWith(edgeWeights)).not.toEqual(pooledWith())
      expect(pooledWith(new Float32Array(train.interactions).fill(1))).toEqual(pooledWith())
    })

    test('users, items and edges without weight leave every number finite', () => {
      const weights = edgeWeights.slice()
      // all edges of one user
      weights.fill(0, train.byUser.offsets[1], train.byUser.offsets[2])
      for (const changes of [{}, { edgeWeights: weights }]) {
        const kernels = createKernels()
        const model = filled(kernels, changes)
        backward(model, hopGradients(kernels, model, model.tables.hops))
        expect([...model.tables.hop, ...gradientsOf(model)].every(Number.isFinite)).toBe(true)
      }
    })

    test('every option does something', () => {
      const outcome = (own: object) => {
        const kernels = createKernels()
        const model = filled(kernels, {}, own)
        const at = { epoch: 1, batch: 2 }
        const ranked = Array.from(model.tables.pooled)
        model.forward(undefined, at)
        const pooled = [...ranked, ...model.tables.pooled, ...scoresOf(kernels, model)]
        if (!model.contrast) return pooled
        backward(model, hopGradients(kernels, model, 1).fill(0))
        model.contrast(randomBatch(kernels, 5, train.users, train.items), at, kernels.memory.floats(5))
        return [...pooled, ...gradientsOf(model)]
      }
      const usual = { dimensions: 8, ...options }
      for (const option of describeOptions(definition.options)) {
        const current = (usual as Record<string, unknown>)[option.name] ?? option.default
        const value = option.name === 'dimensions' ? 16 : otherValue(option, current)
        expect(outcome({ ...usual, [option.name]: value }), option.name).not.toEqual(outcome(usual))
      }
    })

    test('unknown options, and dimensions that kernels cannot take, are refused', () => {
      const refuses = (own: object) => expect(() => create(createKernels(), {}, own))
      refuses({ dimension: 8 }).toThrow(
        new RegExp(`^model "${definition.name}": unknown option --dimension; .*did you mean --dimensions\\?$`),
      )
      refuses({ dimensions: 6 }).toThrow(new RegExp(`^model "${definition.name}": --dimensions: .*got 6`))
    })

    if (!hops) return

    test('each hop is what dense matrices give, within 1e-12 in f64', () => {
      for (const changes of [{}, { edgeWeights }]) {
        const kernels = createReferenceKernels('f64')
        const { tables, parameters } = filled(kernels, changes)
        const matrices = hops(train, changes.edgeWeights ? weightOf : () => 1)
        expect(tables.hops).toBe(matrices.length)
        const size = tables.pooled.length
        matrices.forEach((matrix, h) => {
          const expected = multiply(matrix, parameters.embeddings.values)
          expectClose(tables.hop.subarray(h * size, (h + 1) * size), expected, 1e-12)
        })
      }
    })

    test('the gradient is what transposed dense matrices give, within 1e-12 in f64', () => {
      const kernels = createReferenceKernels('f64')
      const model = filled(kernels, { edgeWeights })
      const matrices = hops(train, weightOf)
      const gradients = hopGradients(kernels, model, matrices.length)
      backward(model, gradients)
      const size = model.tables.pooled.length
      const expected = new Float64Array(size)
      matrices.forEach((matrix, h) => {
        const part = multiply(transposed(matrix), gradients.subarray(h * size, (h + 1) * size))
        part.forEach((value, at) => {
          expected[at] += value
        })
      })
      expectClose(model.parameters.embeddings.gradient, expected, 1e-12)
    })
  })
}

/** The weight in `edgeWeights` of an edge of `train`. */
function weightOf(user: number, item: number): number {
  const { offsets, indices } = train.byUser
  return edgeWeights[offsets[user] + indices.subarray(offsets[user], offsets[user + 1]).indexOf(item)]
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  for (let at = 0; at < expected.length; at++)
    expect(Math.abs(actual[at] - expected[at]), `element ${at}`).toBeLessThanOrEqual(tolerance)
}

/** Dense products, for matrices of a few rows. */
export function multiply(matrix: readonly (readonly number[])[], table: Floats): Float64Array {
  const width = table.length / matrix.length
  return Float64Array.from({ length: table.length }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width]
    return matrix[row].reduce((sum, value, k) => sum + value * table[k * width + column], 0)
  })
}

const transposed = (matrix: readonly (readonly number[])[]) => matrix.map((_, column) => matrix.map(row => row[column]))

/** What the scorer of a model, if it has one, says of users and items in turn. */
function scoresOf({ memory }: Kernels, { tables: { pooled, users, dimensions, scorer } }: EmbeddingModel): number[] {
  const out = memory.floats(5)
  const items = pooled.subarray(users * dimensions, (users + 5) * dimensions)
  scorer?.score(pooled.subarray(0, 5 * dimensions), items, 1, out)
  return Array.from(out)
}
