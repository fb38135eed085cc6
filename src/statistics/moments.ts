/** Mean and spread of a sample. Sums run from the first value to the last, in f64. */

/** NaN without values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at]
  return sum / values.length
}

/** Of the sample, √(Σ (x − x̄)² / (n − 1)); NaN with fewer than two values. */
export function standardDeviation(values: ArrayLike<number>): number {
  if (values.length < 2) return Number.NaN
  const centre = mean(values)
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += (values[at] - centre) ** 2
  return Math.sqrt(sum / (values.length - 1))
}

/**
 * Cohen's d for paired values, d_z: the mean difference in units of the differences' own standard deviation. 0 when all
 * are 0, infinite when all are the same otherwise, NaN with fewer than two.
 * @source Lakens, Frontiers in Psychology 4 (2013), 863
 */
export function pairedEffectSize(differences: ArrayLike<number>): number {
  const deviation = standardDeviation(differences)
  const centre = mean(differences)
  return centre === 0 && deviation === 0 ? 0 : centre / deviation
}
