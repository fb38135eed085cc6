import { describe, expect, it } from 'vitest'
import type { Floats, Kernels, Negatives } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { randomBatch, randomFloats, randomInts, randomTables } from '../support/toy.ts'

/** The largest difference between the backends over what a call leaves behind, relative to the largest value. */
function difference(run: (kernels: Kernels) => Floats): number {
  const [expected, actual] = [run(createReferenceKernels('f64')), run(createKernels())]
  expect(actual.length).toBe(expected.length)
  expect(expected.some(value => value !== 0)).toBe(true)
  const scale = Math.max(1, ...Array.from(expected, Math.abs))
  return Math.max(...Array.from(expected, (value, at) => Math.abs(value - actual[at]) / scale))
}

describe('vector kernels', () => {
  it('gatherRows copies rows, and zeros for -1', () => {
    const kernels = createKernels()
    const table = randomFloats(kernels, 5 * 8, 1)
    const out = kernels.memory.floats(3 * 8).fill(9)
    kernels.gatherRows(table, 8, kernels.memory.copy(Int32Array.of(4, -1, 0)), out)
    expect(out).toEqual(Float32Array.of(...table.subarray(32), ...new Float32Array(8), ...table.subarray(0, 8)))
  })

  it.each([
    ['whole items', 1, false],
    ['picks of each hop', 3, false],
    ['mixed picks of each hop', 3, true],
  ] as const)(
    'gatherNegatives, %s: within 1e-6 of the reference, and scorePairs are their products',
    (_, hops, mixed) => {
      const run = (kernels: Kernels) => {
        const tables = randomTables(kernels, 4, 7, 12, 3)
        const batch = randomBatch(kernels, 5, 4, 7)
        const items = randomInts(kernels, 10 * hops, 7, 4)
        items.fill(-1, 3 * hops, 4 * hops)
        const mix = mixed ? kernels.memory.copy(randomFloats(kernels, 30, 5).map(Math.abs)) : undefined
        const negatives: Negatives = { perPositive: 2, pickedHops: hops, items, ...(mix && { mix }) }
        const out = kernels.memory.floats(10 * 12).fill(9)
        kernels.gatherNegatives(tables, batch, negatives, out)
        const users = kernels.memory.floats(5 * 12)
        kernels.gatherRows(tables.pooled, 12, batch.users, users)
        const [scores, products] = [kernels.memory.floats(10), kernels.memory.floats(10)]
        kernels.scorePairs(tables, batch, negatives, kernels.memory.floats(5), scores)
        kernels.dotRows(users, out, 2, 12, products)
        products.forEach((product, slot) => {
          expect(product).toBeCloseTo(scores[slot], 5)
        })
        return out
      }
      expect(difference(run)).toBeLessThan(1e-6)
    },
  )

  it('scatterRows with repeated rows, weights and -1: within 1e-6 of the reference', () => {
    const run = (kernels: Kernels) => {
      const out = randomFloats(kernels, 6 * 20, 1)
      const rows = kernels.memory.copy(Int32Array.of(3, 0, 3, -1, 5, 3))
      kernels.scatterRows(randomFloats(kernels, 6 * 20, 2), 20, rows, out, 0.3, randomFloats(kernels, 6, 3))
      kernels.scatterRows(randomFloats(kernels, 6 * 20, 4), 20, rows, out, -2)
      return out
    }
    expect(difference(run)).toBeLessThan(1e-6)
  })

  it.each([
    [1, 1, 4],
    [4, 3, 8],
    [7, 300, 12],
    [13, 5, 20],
    [9, 513, 4],
  ])(
    'multiply [%i × %i] by [· × %i], also transposed and accumulating: within 1e-6 of the reference',
    (rows, inner, columns) => {
      for (const transposed of [false, true])
        for (const accumulate of [false, true]) {
          const run = (kernels: Kernels) => {
            const [a, b] = [randomFloats(kernels, rows * inner, 1), randomFloats(kernels, inner * columns, 2)]
            const c = randomFloats(kernels, rows * columns, 3)
            kernels.multiply(a, b, c, { rows, inner, columns, transposed, accumulate })
            return c
          }
          expect(difference(run)).toBeLessThan(1e-6)
        }
    },
  )

  it.each([false, true])(
    'multiply where most is zero has the bits of what goes through all (transposed: %s)',
    transposed => {
      const [rows, inner, columns] = [13, 22, 20]
      const run = (sparse: boolean) => {
        const kernels = createKernels({ threads: 2 })
        const a = kernels.memory.copy(randomFloats(kernels, rows * inner, 1).map(value => (value > 0.8 ? value : 0)))
        const c = randomFloats(kernels, rows * columns, 3)
        kernels.multiply(a, randomFloats(kernels, inner * columns, 2), c, { rows, inner, columns, transposed, sparse })
        kernels.close()
        return { c: [...c], zeros: a.filter(value => value === 0).length }
      }
      expect(run(true)).toEqual(run(false))
      expect(run(true).zeros).toBeGreaterThan(rows * inner * 0.7)
    },
  )

  it('transpose is exact', () => {
    const kernels = createKernels()
    const x = randomFloats(kernels, 6, 1)
    const out = kernels.memory.floats(6)
    kernels.transpose(x, 2, 3, out)
    expect([...out]).toEqual([x[0], x[3], x[1], x[4], x[2], x[5]])
  })

  it('sigmoid: within 1e-6 of the reference, and 0 and 1 far out', () => {
    const run = (kernels: Kernels) => {
      const x = kernels.memory.copy(randomFloats(kernels, 101, 1).map(value => 8 * value))
      kernels.sigmoid(x)
      return x
    }
    expect(difference(run)).toBeLessThan(1e-6)
    const kernels = createKernels()
    const far = kernels.memory.copy(Float32Array.of(-1e30, -200, 0, 200, 1e30))
    kernels.sigmoid(far)
    expect([...far]).toEqual([0, expect.closeTo(0, 12), 0.5, 1, 1])
  })

  it('normalizeRows and its way back: within 1e-6 of the reference; unit length, and zeros for zeros', () => {
    const run = (kernels: Kernels) => {
      const x = randomFloats(kernels, 5 * 12, 1)
      x.fill(0, 24, 36)
      const [unit, norms] = [kernels.memory.floats(60), kernels.memory.floats(5)]
      kernels.normalizeRows(x, 12, unit, norms)
      for (let row = 0; row < 5; row++) {
        const length = Math.hypot(...unit.subarray(row * 12, (row + 1) * 12))
        expect(length).toBeCloseTo(row === 2 ? 0 : 1, 5)
      }
      const gradient = randomFloats(kernels, 60, 2)
      // where a vector is zero its gradient is divided by 1e-6
      gradient.fill(0, 24, 36)
      kernels.normalizeRowsBack(unit, norms, 12, gradient)
      return kernels.memory.copy(Float64Array.of(...unit, ...norms, ...gradient) as Floats)
    }
    expect(difference(run)).toBeLessThan(1e-6)
  })

  it('dotRowsBack: within 1e-6 of the reference', () => {
    const run = (kernels: Kernels) => {
      const [a, b] = [randomFloats(kernels, 3 * 8, 1), randomFloats(kernels, 6 * 8, 2)]
      const [toA, toB] = [randomFloats(kernels, 24, 3), kernels.memory.floats(48).fill(9)]
      kernels.dotRowsBack(a, b, randomFloats(kernels, 6, 4), 2, 8, toA, toB)
      return kernels.memory.copy(Float64Array.of(...toA, ...toB) as Floats)
    }
    expect(difference(run)).toBeLessThan(1e-6)
  })
})
