/** How likely a count is by chance, as log₁₀: what an audit meets is far below the smallest double. */

/** ln Γ(x) for x > 0. @source Lanczos, SIAM J. Numer. Anal. 1 (1964), g = 7, nine terms; relative error below 1e-13 */
export function logGamma(x: number): number {
  const terms = [
    0.999_999_999_999_809_9, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_1,
    -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
  ]
  const shifted = x - 1
  const sum = terms.reduce((total, term, index) => (index === 0 ? term : total + term / (shifted + index)))
  const t = shifted + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum)
}

const logChoose = (n: number, k: number) => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)

/**
 * log₁₀ P(X ≤ observed) when `draws` of `population` are taken without looking, and `special` of the population are of
 * the kind that X counts. @source the hypergeometric distribution
 */
export function hypergeometricLowerTail(observed: number, population: number, special: number, draws: number): number {
  const least = Math.max(0, draws + special - population)
  if (observed < least) return Number.NEGATIVE_INFINITY
  if (observed >= Math.min(special, draws)) return 0
  const all = logChoose(population, draws)
  return lowerTail(
    least,
    observed,
    count => logChoose(special, count) + logChoose(population - special, draws - count) - all,
  )
}

/** log₁₀ P(X ≤ observed) for a mean. @source the Poisson distribution, near a sum of many small chances */
export function poissonLowerTail(observed: number, mean: number): number {
  if (mean === 0) return 0
  return lowerTail(0, observed, count => count * Math.log(mean) - mean - logGamma(count + 1))
}

function lowerTail(from: number, to: number, logTerm: (count: number) => number): number {
  const terms = Array.from({ length: to - from + 1 }, (_, index) => logTerm(from + index))
  const largest = terms.reduce((a, b) => Math.max(a, b))
  const sum = terms.reduce((total, term) => total + Math.exp(term - largest), 0)
  return Math.min(0, (largest + Math.log(sum)) / Math.LN10)
}

/** "1 in 10^1234", "p = 0.031" */
export function describeChance(log10: number): string {
  if (log10 > -4) return `p = ${(10 ** log10).toPrecision(2)}`
  return log10 === Number.NEGATIVE_INFINITY ? 'impossible by chance' : `by chance 1 in 10^${Math.round(-log10)}`
}
