/** A linear score that puts held-out items first in their lists: what the second stage of a ranking is. */
import type { Kernels, LabelledRows } from '../kernels/interface/kernels.ts'
import { minimize, type Objective } from '../statistics/lbfgs.ts'
import { type LinearScore, standardize } from '../statistics/linear.ts'

/** Candidates of some users; every list holds something that is held out. */
export interface LabelledLists {
  /** F */
  readonly columns: number
  /** list → rows */
  readonly offsets: Int32Array
  /** [rows × F] */
  readonly features: Float32Array
  /** [rows] 1 for what is held out */
  readonly positive: Int8Array
}

/** λ of λ ‖θ‖² */
const RIDGE = 1e-3
const STEPS = 120
const TOLERANCE = 1e-6

/**
 * Minimises the mean over lists of −(1/|P|) Σ_{j ∈ P} log softmax(x·θ)_j, P what is held out of a list, plus λ ‖θ‖², over
 * standardised features. A feature that never changes gets weight 0; so do all of them without lists.
 * @source the top-one loss of ListNet, Cao et al., ICML 2007; differs: a linear score, and λ
 */
export function fitListwise(lists: LabelledLists, kernels: Kernels): LinearScore {
  const { memory } = kernels
  const { columns } = lists
  const rows = lists.positive.length
  return memory.scope(() => {
    const padded = Math.ceil(columns / 4) * 4
    const features = memory.floats(rows * padded)
    const moments = standardize(lists.features, columns, features)
    if (rows === 0) return { ...moments, weights: Array.from({ length: columns }, () => 0) }
    const own = { offsets: memory.copy(lists.offsets), features, positive: memory.copy(lists.positive) }
    const { x } = minimize(listwiseLoss(own, kernels), new Float64Array(padded), { steps: STEPS, tolerance: TOLERANCE })
    return { ...moments, weights: Array.from(x.subarray(0, columns)) }
  })
}

/** The loss as a function of θ [F], with all arrays in kernel memory. */
export function listwiseLoss(lists: LabelledRows, kernels: Kernels): Objective {
  const { memory } = kernels
  const rows = lists.positive.length
  const width = lists.features.length / rows
  const count = lists.offsets.length - 1
  const theta = memory.floats(width)
  const slopes = memory.floats(rows)
  const losses = memory.floats(count)
  const gradients = memory.floats(count * width)
  return (x, gradient) => {
    theta.set(x)
    kernels.listSoftmax(lists, theta, slopes, losses, gradients)
    gradient.fill(0)
    for (let at = 0; at < gradients.length; at++) gradient[at % width] += gradients[at]
    let loss = 0
    for (let list = 0; list < count; list++) loss += losses[list]
    loss /= count
    for (let f = 0; f < width; f++) {
      loss += RIDGE * x[f] ** 2
      gradient[f] = gradient[f] / count + 2 * RIDGE * x[f]
    }
    return loss
  }
}
