/**
 * How sure an area under the ROC curve is: users are drawn again with replacement, since the cases of one user hang
 * together.
 */
import { derive, randomStream } from '../../random.ts'
import type { Interval } from '../bootstrap.ts'
import { orderByScore, rocAuc, type ScoredCases } from './ranking.ts'

/** Cases that several scores were given to. */
export interface ComparedCases {
  readonly truth: ArrayLike<number>
  /** whose case it is: 0 to `groups` − 1 */
  readonly group: ArrayLike<number>
  readonly groups: number
  readonly seed: number
  readonly draws?: number
}

export interface ComparedAuc {
  readonly auc: number
  readonly interval: Interval
  /** AUC of the first scores minus this one, over the same draws; absent in the first */
  readonly lead?: { readonly value: number; readonly interval: Interval }
}

/**
 * The AUC of each score, and by how much the first is above each other one.
 * @source Efron & Tibshirani: "An introduction to the bootstrap" (1993), percentile intervals
 */
export function compareAuc(scores: readonly ArrayLike<number>[], cases: ComparedCases): ComparedAuc[] {
  const { truth, group, groups, seed, draws = 200 } = cases
  const orders = scores.map(orderByScore)
  const aucOf = (index: number, weights?: ScoredCases['weights']) =>
    rocAuc({ scores: scores[index], truth, ...(weights && { weights }) }, orders[index])
  const whole = scores.map((_, index) => aucOf(index))
  const random = randomStream(derive(seed, 'bootstrap'))
  const times = new Int32Array(groups)
  const weights = new Int32Array(truth.length)
  const drawn = Array.from({ length: draws }, () => {
    times.fill(0)
    for (let n = 0; n < groups; n++) times[random.below(groups)]++
    for (let at = 0; at < weights.length; at++) weights[at] = times[group[at]]
    return scores.map((_, index) => aucOf(index, weights))
  })
  return whole.map((auc, index) => ({
    auc,
    interval: middle(drawn.map(values => values[index])),
    ...(index > 0 && {
      lead: { value: whole[0] - auc, interval: middle(drawn.map(values => values[0] - values[index])) },
    }),
  }))
}

/** The middle 95 %; draws without both classes say nothing, and are left out. */
function middle(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort()
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN
  return { low: at(0.025), high: at(0.975) }
}
