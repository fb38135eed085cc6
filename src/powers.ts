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
