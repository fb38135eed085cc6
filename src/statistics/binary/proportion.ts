/** A share of independent trials, with its 95 % interval. */
import type { Interval } from '../bootstrap.ts'

/** the 97.5 % quantile of the normal distribution */
const Z = 1.959963984540054

/**
 * The Wilson score interval: it stays within [0, 1] and holds for few trials and small shares.
 * @returns [0, 1] when there is no trial
 * @source Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927)
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 }
  const share = successes / trials
  const centre = share + (Z * Z) / (2 * trials)
  const reach = Z * Math.sqrt((share * (1 - share)) / trials + (Z * Z) / (4 * trials * trials))
  const scale = 1 + (Z * Z) / trials
  return { low: Math.max(0, (centre - reach) / scale), high: Math.min(1, (centre + reach) / scale) }
}
