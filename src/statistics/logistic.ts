/** Logistic regression: the chance that a row of features is of the first of two classes. */
import type { Kernels } from '../kernels/interface/kernels.ts'
import { minimize, type Objective } from './lbfgs.ts'
import { type LinearScore, scoreRows, standardize } from './linear.ts'

/** λ of λ ‖θ‖², the offset left out */
const RIDGE = 1e-4

/**
 * Maximum likelihood over standardised features, plus λ ‖θ‖²; a feature that never changes gets weight 0. The score is a logit.
 * @param features [rows × F]
 * @param truth [rows] 1 or 0
 */
export function fitLogistic(
  features: Float32Array,
  truth: ArrayLike<number>,
  columns: number,
  kernels: Kernels,
): LinearScore {
  const standard = new Float64Array(features.length)
  const moments = standardize(features, columns, standard)
  const { x } = kernels.memory.scope(() =>
    minimize(logisticLoss(standard, truth, columns, kernels), new Float64Array(columns + 1), {
      ...{ steps: 200, tolerance: 1e-9 },
    }),
  )
  return { ...moments, weights: Array.from(x.subarray(0, columns)), offset: x[columns] }
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

/** 1 / (1 + exp(−score)) of each row of features [rows × F]. */
export function chancesOf(score: LinearScore, features: Float32Array, kernels: Kernels): Float32Array {
  const { memory } = kernels
  return memory.scope(() => {
    const chances = memory.floats(features.length / score.weights.length)
    chances.set(scoreRows(score, features))
    kernels.sigmoid(chances)
    return Float32Array.from(chances)
  })
}
