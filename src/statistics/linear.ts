/** Linear scores over standardised features, fitted by L-BFGS. */
import { momentsOf } from './columns.ts'

/** Plain JSON: score = offset + Σ_f weights[f] · (x_f − means[f]) / deviations[f]. */
export interface LinearScore {
  readonly means: readonly number[]
  readonly deviations: readonly number[]
  readonly weights: readonly number[]
  /** 0 when absent */
  readonly offset?: number
}

/**
 * Writes features [rows × F] with mean 0 and deviation 1 into `into`, whose rows may be wider; a feature that never changes is 0.
 * @returns what a `LinearScore` over them has beside its weights
 */
export function standardize(features: Float32Array, columns: number, into: Float32Array | Float64Array) {
  const { means, deviations } = momentsOf(features, columns)
  const rows = features.length / columns
  const width = into.length / rows
  for (let row = 0, at = 0; row < rows; row++)
    for (let f = 0; f < columns; f++, at++)
      into[row * width + f] = deviations[f] > 0 ? (features[at] - means[f]) / deviations[f] : 0
  return { means: Array.from(means), deviations: Array.from(deviations) }
}

/** The score of each row of features [rows × F]. */
export function scoreRows(
  { means, deviations, weights, offset = 0 }: LinearScore,
  features: Float32Array,
): Float64Array {
  const factors = weights.map((weight, f) => (deviations[f] > 0 ? weight / deviations[f] : 0))
  const start = factors.reduce((sum, factor, f) => sum - factor * means[f], offset)
  const out = new Float64Array(features.length / weights.length)
  for (let row = 0, at = 0; row < out.length; row++) {
    let score = start
    for (let f = 0; f < factors.length; f++, at++) score += factors[f] * features[at]
    out[row] = score
  }
  return out
}
