import { describe, expect, it } from 'vitest'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { normalizedAdjacency } from '../../src/models/graph.ts'
import { ngcf } from '../../src/models/ngcf.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(4, 5, 0.4)
const D = 4
const NODES = 9

function make(options: object = {}) {
  const kernels = createReferenceKernels('f64')
  const model = ngcf.create({ train, kernels, seed: 3 }, { dimensions: D, layers: 2, ...options })
  return { kernels, model }
}

describe('ngcf', () => {
  it('gives E⁰ and each LeakyReLU((Â + I) E W₁ + Â E ⊙ E W₂) side by side, within 1e-12 in f64', () => {
    const { kernels, model } = make()
    model.forward()
    const { offsets, indices, values } = normalizedAdjacency(train, kernels)
    const times = (row: readonly number[], weight: ArrayLike<number>) =>
      row.map((_, column) => row.reduce((sum, value, d) => sum + value * weight[d * D + column], 0))
    const { parameters } = model
    let rows = Array.from({ length: NODES }, (_, node) => [
      ...parameters.embeddings.values.subarray(node * D, (node + 1) * D),
    ])
    const expected = rows.map(row => [...row])
    for (const l of [1, 2]) {
      const neighbors = rows.map((row, node) =>
        row.map((_, d) => {
          let sum = 0
          for (let e = offsets[node]; e < offsets[node + 1]; e++) sum += values[e] * rows[indices[e]][d]
          return sum
        }),
      )
      rows = rows.map((row, node) => {
        const sum = times(
          row.map((value, d) => value + neighbors[node][d]),
          parameters[`sum.${l}.weight`].values,
        )
        const product = times(
          row.map((value, d) => value * neighbors[node][d]),
          parameters[`product.${l}.weight`].values,
        )
        return sum.map((value, d) => {
          const z = value + product[d]
          return z > 0 ? z : 0.2 * z
        })
      })
      rows.forEach((row, node) => {
        expected[node].push(...row)
      })
    }
    expected.flat().forEach((value, at) => {
      expect(model.tables.pooled[at]).toBeCloseTo(value, 12)
    })
  })

  it('drops the given share of messages in training, the rest weighing more, and none when it is ranked by', () => {
    const { model } = make({ layers: 1, messageDropout: 0.5 })
    model.forward()
    const whole = model.tables.pooled.slice()
    let dropped = 0
    for (let epoch = 1; epoch <= 30; epoch++) {
      model.forward(undefined, { epoch, batch: 0 })
      model.tables.pooled.forEach((value, at) => {
        if (at % (2 * D) < D) expect(value).toBe(whole[at])
        else if (value === 0) dropped++
        else expect(value).toBeCloseTo(2 * whole[at], 12)
      })
    }
    // of 30 · 36 elements, within five standard errors
    expect(Math.abs(dropped / 1080 - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 1080))
  })
})
