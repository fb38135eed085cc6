/** Draws from any discrete distribution in constant time. */
import { RunError } from '../errors.ts'

/**
 * @param weights not negative, and not all 0
 * @returns a function from two 32-bit words to an index, drawn in proportion to its weight
 * @source Walker, ACM TOMS 3 (1977); Vose, IEEE TSE 17 (1991)
 * @throws RunError when no weight is positive
 */
export function createAliasTable(weights: Float64Array): (first: number, second: number) => number {
  const { length } = weights
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (!(total > 0)) throw new RunError(`none of ${length} items can be drawn by popularity: there are no interactions`)
  const share = weights.map(weight => (weight * length) / total)
  const other = new Int32Array(length)
  const small: number[] = []
  const large: number[] = []
  share.forEach((value, index) => {
    ;(value < 1 ? small : large).push(index)
  })
  while (small.length > 0 && large.length > 0) {
    const [low, high] = [small.pop()!, large.pop()!]
    other[low] = high
    share[high] -= 1 - share[low]
    ;(share[high] < 1 ? small : large).push(high)
  }
  // what is left is 1 but for rounding
  for (const index of [...small, ...large]) share[index] = 1
  return (first, second) => {
    const index = Math.floor((first * length) / 2 ** 32)
    return second < share[index] * 2 ** 32 ? index : other[index]
  }
}
