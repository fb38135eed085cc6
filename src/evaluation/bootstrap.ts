/** Bootstrap intervals of means over users. */
import { derive, randomStream } from '../random.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  readonly seed: number
  /** samples of users that are drawn */
  readonly resamples: number
  /** of the interval, in (0, 1): 0.95 */
  readonly level: number
}

/**
 * Percentile intervals of the means of columns over the same users: users are drawn with replacement, the same ones for
 * every column, and the interval lies between the (1 ± level) / 2 quantiles of the means.
 * @param columns each [users]; the whole interval is NaN without users
 * @source Efron & Tibshirani: "An Introduction to the Bootstrap", 1993, chapter 13
 */
export function bootstrapMeans(
  columns: readonly Float64Array[],
  { seed, resamples, level }: BootstrapOptions,
): Interval[] {
  const users = columns[0]?.length ?? 0
  const means = columns.map(() => new Float64Array(resamples))
  const drawn = new Int32Array(users)
  for (let sample = 0; sample < resamples; sample++) {
    const random = randomStream(derive(seed, 'bootstrap', sample))
    for (let at = 0; at < users; at++) drawn[at] = random.below(users)
    columns.forEach((column, index) => {
      let sum = 0
      for (let at = 0; at < users; at++) sum += column[drawn[at]]
      means[index][sample] = sum / users
    })
  }
  return means.map(values => {
    values.sort()
    return { low: quantile(values, (1 - level) / 2), high: quantile(values, (1 + level) / 2) }
  })
}

/** @param sorted ascending. @source Hyndman & Fan, The American Statistician 50 (1996), definition 7 */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}
