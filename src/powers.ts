/** Powers that are the same on every machine: `Math.pow` is not. Products and square roots are exact by their standard. */

/** Binary digits of what is left of an exponent after its eighths: beyond them nothing changes. */
const DIGITS = 50

/**
 * base^exponent, by eighths and then by the binary digits of the rest.
 * @param base not negative
 * @param exponent not negative, and small: time grows with it
 */
export function power(base: number, exponent: number): number {
  let root = Math.sqrt(Math.sqrt(Math.sqrt(base)))
  const eighths = Math.floor(exponent * 8)
  let result = 1
  for (let eighth = 0; eighth < eighths; eighth++) result *= root
  let rest = exponent * 8 - eighths
  for (let digit = 0; digit < DIGITS && rest > 0; digit++) {
    root = Math.sqrt(root)
    rest *= 2
    if (rest < 1) continue
    rest -= 1
    result *= root
  }
  return result
}

/** base^exponent for a whole exponent that is not negative, by squaring. */
export function wholePower(base: number, exponent: number): number {
  let result = 1
  for (let factor = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= factor
    factor *= factor
  }
  return result
}

/**
 * log₂(x), by the series of the area hyperbolic tangent, products and sums alone; within 1e-15 of the true value, times its size.
 * @param x above 0
 */
export function log2(x: number): number {
  let exponent = 0
  let mantissa = x
  for (; mantissa >= 2; mantissa /= 2) exponent++
  for (; mantissa < 1; mantissa *= 2) exponent--
  const z = (mantissa - 1) / (mantissa + 1)
  let sum = 0
  // z ≤ 1/3: the terms after these are below 2⁻⁵³ of the first
  for (let odd = 35; odd >= 1; odd -= 2) sum = sum * z * z + 1 / odd
  return exponent + (2 * z * sum) / Math.LN2
}
