import { describe, expect, it } from 'vitest'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { derive, randomStream } from '../../src/random.ts'
import { chancesOf, fitLogistic, logisticLoss } from '../../src/statistics/logistic.ts'
import { expectGradient } from '../support/gradients.ts'

describe('logistic regression', () => {
  const random = randomStream(derive(1, 'logistic'))
  const rows = 400
  const features = Float32Array.from({ length: rows * 3 }, (_, at) => (at % 3 === 2 ? 5 : 4 * random.uniform() - 2))
  const truth = Int8Array.from({ length: rows }, (_, row) => Number(features[row * 3] + random.uniform() - 0.5 > 0))

  it('the gradient is that of the loss: within 1e-6 of central differences in f64', () => {
    const kernels = createReferenceKernels('f64')
    const loss = logisticLoss(Float64Array.from(features), truth, 3, kernels)
    expectGradient(loss, Float64Array.of(0.4, -0.3, 0.02, 0.1), 6)
  })

  it('finds the feature that decides, and its mean chance is the share of positives', () => {
    const kernels = createKernels()
    const score = fitLogistic(features, truth, 3, kernels)
    expect(score.weights[0]).toBeGreaterThan(2)
    expect(Math.abs(score.weights[1])).toBeLessThan(0.5)
    expect(score.weights[2]).toBe(0)
    const chances = chancesOf(score, features, kernels)
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, own) => sum + own, 0) / rows
    expect(mean(chances)).toBeCloseTo(mean(truth), 3)
  })
})
