/** Powers that are the same on every machine: `Math.pow` is not. */

/**
 * base^(eighths / 8), by products and square roots, which are exact by their standard.
 * @param base not negative
 * @param exponent a multiple of 0.125, not negative
 */
export function eighthPower(base: number, exponent: number): number {
  const root = Math.sqrt(Math.sqrt(Math.sqrt(base)))
  let result = 1
  for (let eighth = 0; eighth < exponent * 8; eighth++) result *= root
  return result
}
