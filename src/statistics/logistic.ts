/** Logistic regression over many features: the chance that a case is a hidden interaction. */
import type { Kernels } from '../../kernels/interface/kernels.ts'
import { momentsOf } from '../../statistics/columns.ts'
import { minimize, type Objective } from '../../statistics/lbfgs.ts'

/** Plain JSON: p = 1 / (1 + exp(−(offset + Σ_f weights[f] · (x_f − means[f]) / deviations[f]))). */
export interface LogisticScore {
  readonly means: readonly number[]
  readonly deviations: readonly number[]
  readonly weights: readonly number[]
  readonly offset: number
}

/** λ of λ ‖θ‖², the offset left out */
const RIDGE = 1e-4

/**
 * Maximum likelihood over standardised features, plus λ ‖θ‖²; a feature that never changes gets weight 0.
 * @param features [rows × F]
 * @param truth [rows] 1 or 0
 */
export function fitLogistic(
  features: Float32Array,
  truth: ArrayLike<number>,
  columns: number,
  kernels: Kernels,
): LogisticScore {
  const { means, deviations } = momentsOf(features, columns)
  const standard = new Float64Array(features.length)
  for (let row = 0, at = 0; row < truth.length; row++)
    for (let f = 0; f < columns; f++, at++)
      if (deviations[f] > 0) standard[at] = (features[at] - means[f]) / deviations[f]
  const { x } = kernels.memory.scope(() =>
    minimize(logisticLoss(standard, truth, columns, kernels), new Float64Array(columns + 1), {
      ...{ steps: 200, tolerance: 1e-9 },
    }),
  )
  return {
    ...{ means: Array.from(means), deviations: Array.from(deviations) },
    ...{ weights: Array.from(x.subarray(0, columns)), offset: x[columns] },
  }
}

/** The mean negative log-likelihood plus the ridge, of θ [F + 1], the offset last. */
export function logisticLoss(
  features: Float64Array,
  truth: ArrayLike<number>,
  columns: number,
  kernels: Kernels,
): Objective {
  const rows = truth.length
  const chances = kernels.memory.floats(rows)
  const logits = new Float64Array(rows)
  return (theta, gradient) => {
    for (let row = 0, at = 0; row < rows; row++) {
      let logit = theta[columns]
      for (let f = 0; f < columns; f++, at++) logit += theta[f] * features[at]
      logits[row] = logit
    }
    chances.set(logits)
    kernels.sigmoid(chances)
    gradient.fill(0)
    let loss = 0
    for (let row = 0, at = 0; row < rows; row++) {
      // −log of the chance of what is true, which is at least a half of what it should be beyond ±16
      const right = truth[row] ? chances[row] : 1 - chances[row]
      loss -= kernels.log(Math.max(right, 1e-7))
      const slope = (chances[row] - truth[row]) / rows
      for (let f = 0; f < columns; f++, at++) gradient[f] += slope * features[at]
      gradient[columns] += slope
    }
    loss /= rows
    for (let f = 0; f < columns; f++) {
      loss += RIDGE * theta[f] ** 2
      gradient[f] += 2 * RIDGE * theta[f]
    }
    return loss
  }
}

/** The chance of each row of features [rows × F]. */
export function chancesOf(
  { means, deviations, weights, offset }: LogisticScore,
  features: Float32Array,
  kernels: Kernels,
): Float32Array {
  const { memory } = kernels
  const factors = weights.map((weight, f) => (deviations[f] > 0 ? weight / deviations[f] : 0))
  const start = factors.reduce((sum, factor, f) => sum - factor * means[f], offset)
  return memory.scope(() => {
    const chances = memory.floats(features.length / weights.length)
    for (let row = 0, at = 0; row < chances.length; row++) {
      let logit = start
      for (let f = 0; f < factors.length; f++, at++) logit += factors[f] * features[at]
      chances[row] = logit
    }
    kernels.sigmoid(chances)
    return Float32Array.from(chances)
  })
}
