/** Platt scaling: a logistic curve from a score to a probability. */

/** p(score) = 1 / (1 + exp(−(slope · score + offset))) */
export interface LogisticCurve {
  readonly slope: number
  readonly offset: number
}

const MOST_STEPS = 100

/**
 * Maximum likelihood by Newton's method, the classes smoothed to (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2), so that
 * classes which a threshold parts cleanly do not ask for an endless slope. A step is halved until the gradient shrinks.
 * @param truth 1 or 0, along `scores`
 * @source Platt 1999; Lin, Lin, Weng: "A note on Platt's probabilistic outputs", Machine Learning 68 (2007); differs: the
 *   gradient, not the likelihood, says whether a step was good, so that no logarithm is needed
 */
export function fitPlatt(scores: ArrayLike<number>, truth: ArrayLike<number>): LogisticCurve {
  let positives = 0
  for (let at = 0; at < truth.length; at++) positives += truth[at]
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (truth.length - positives + 2)
  let curve: LogisticCurve = { slope: 0, offset: 0 }
  let state = derivatives(curve, scores, truth, high, low)
  for (let step = 0; step < MOST_STEPS && state.size > 1e-20; step++) {
    const { gradient, hessian } = state
    const [aa, ab, bb] = hessian
    const determinant = aa * bb - ab * ab
    const slope = -(bb * gradient[0] - ab * gradient[1]) / determinant
    const offset = -(aa * gradient[1] - ab * gradient[0]) / determinant
    let part = 1
    let next = state
    for (; part > 1e-9; part /= 2) {
      const tried = { slope: curve.slope + part * slope, offset: curve.offset + part * offset }
      next = derivatives(tried, scores, truth, high, low)
      if (next.size >= state.size) continue
      curve = tried
      break
    }
    if (next.size >= state.size) break
    state = next
  }
  return curve
}

/** Of the mean negative log-likelihood: gradient, Hessian [aa, ab, bb] and the gradient's squared length. */
function derivatives(
  curve: LogisticCurve,
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  high: number,
  low: number,
) {
  const gradient = [0, 0]
  // a ridge of a millionth of a millionth: equal scores leave the slope open, and it stays 0
  const hessian = [1e-12, 0, 1e-12]
  const share = 1 / scores.length
  for (let at = 0; at < scores.length; at++) {
    const p = logisticAt(curve, scores[at])
    const residual = (p - (truth[at] ? high : low)) * share
    const curvature = p * (1 - p) * share
    gradient[0] += residual * scores[at]
    gradient[1] += residual
    hessian[0] += curvature * scores[at] ** 2
    hessian[1] += curvature * scores[at]
    hessian[2] += curvature
  }
  return { gradient, hessian, size: gradient[0] ** 2 + gradient[1] ** 2 }
}

export function logisticAt({ slope, offset }: LogisticCurve, score: number): number {
  const z = slope * score + offset
  const small = exponential(-Math.abs(z))
  return z >= 0 ? 1 / (1 + small) : small / (1 + small)
}

/**
 * exp(x) for x ≤ 0, to about 1e-15 of itself, by exact operations alone: `Math.exp` may differ in the last bit from engine
 * to engine, and calibrated confidences are weights in training.
 */
export function exponential(x: number): number {
  if (x < -700) return 0
  // exp(x) = exp(x / 1024)^1024, the inner one by its series
  const r = x / 1024
  let sum = 1
  for (let n = 9; n > 0; n--) sum = 1 + (r / n) * sum
  for (let doubling = 0; doubling < 10; doubling++) sum *= sum
  return sum
}
