import { describe, expect, it } from 'vitest'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { derive, randomStream } from '../../src/random.ts'
import { fitListwise, type LabelledLists, listwiseLoss } from '../../src/ranking/listwise.ts'
import { scoreRows } from '../../src/statistics/linear.ts'
import { expectGradient } from '../support/gradients.ts'

/** 200 lists of 10; the held-out row is the one with the largest 3 x₀ − x₁ plus some noise; x₂ is noise, x₃ is always 7. */
function lists(seed = 1): LabelledLists {
  const random = randomStream(derive(seed, 'lists'))
  const features = new Float32Array(200 * 10 * 4)
  const positive = new Int8Array(200 * 10)
  for (let list = 0; list < 200; list++) {
    const scores = Array.from({ length: 10 }, (_, place) => {
      const at = (list * 10 + place) * 4
      features.set([random.uniform(), 5 * random.uniform(), random.uniform(), 7], at)
      return 3 * features[at] - features[at + 1] / 5 + random.uniform()
    })
    positive[list * 10 + scores.indexOf(Math.max(...scores))] = 1
  }
  return { columns: 4, offsets: Int32Array.from({ length: 201 }, (_, list) => 10 * list), features, positive }
}

describe('listwise fit', () => {
  it('the gradient is that of the loss: within 1e-7 of central differences in f64', () => {
    const kernels = createReferenceKernels('f64')
    const { offsets, features, positive } = lists()
    const loss = listwiseLoss({ offsets, features: Float64Array.from(features), positive }, kernels)
    expectGradient(loss, Float64Array.of(0.3, -0.2, 0.1, 0.5), 7)
  })

  it('finds what decides, and gives a feature that never changes no weight', () => {
    const { weights, deviations } = fitListwise(lists(), createKernels())
    expect(weights[0]).toBeGreaterThan(1)
    expect(weights[1]).toBeLessThan(-0.3)
    expect(Math.abs(weights[2])).toBeLessThan(0.2)
    expect([weights[3], deviations[3]]).toEqual([0, 0])
  })

  it('the scale of a feature does not matter to the scores', () => {
    const plain = lists()
    const scaled = { ...plain, features: plain.features.map((own, at) => (at % 4 === 1 ? 1024 * own + 3 : own)) }
    const [a, b] = [plain, scaled].map(own => scoreRows(fitListwise(own, createKernels()), own.features))
    a.forEach((score, row) => {
      expect(b[row]).toBeCloseTo(score, 2)
    })
  })

  it('scores by hand: Σ weight · (x − mean) / deviation', () => {
    const score = { means: [1, 10, 5], deviations: [2, 4, 0], weights: [3, -1, 8] }
    expect(Array.from(scoreRows(score, Float32Array.of(3, 10, 5, 1, 18, 99)))).toEqual([3, -2])
  })

  it('the same bits with two threads', () => {
    const kernels = createKernels({ threads: 2, pieceCost: 1 })
    try {
      expect(fitListwise(lists(), kernels)).toEqual(fitListwise(lists(), createKernels()))
    } finally {
      kernels.close()
    }
  })
})
