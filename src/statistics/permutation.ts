/** A paired permutation test: whether the sign of the differences could be chance. */
import { derive, type Key, randomStream } from '../random.ts'

export interface PermutationOptions {
  readonly seed: number
  /** sign assignments that are drawn; where there are no more than that, all are gone through and p is exact */
  readonly permutations: number
}

/** Sums that agree to this share of Σ|d| count as equal: their terms are added in different groups. */
const TOLERANCE = 1e-12

/**
 * Two-sided p of the sign-flip test: under the null hypothesis each user's difference is as likely to have the other sign.
 * p is the share of sign assignments with |Σ ±d| ≥ |Σ d|; when they are drawn, (1 + reached) / (1 + drawn), so never 0.
 * @returns p of differences, one per user, those of 0 left out; 1 when all are 0. Make it once for many columns: they share
 *   the keys of their random numbers
 * @source Smucker, Allan, Carterette: "A comparison of statistical significance tests for information retrieval
 *   evaluation", CIKM 2007; differs: the signs of all users with no difference are not drawn
 */
export function signFlipTest({ seed, permutations }: PermutationOptions): (differences: Float64Array) => number {
  const keys: Key[] = []
  const keyOf = (permutation: number) => {
    keys[permutation] ??= derive(seed, 'sign flips', permutation)
    return keys[permutation]
  }
  return differences => signFlips(differences, permutations, keyOf)
}

function signFlips(differences: Float64Array, permutations: number, keyOf: (permutation: number) => Key): number {
  const values = differences.filter(value => value !== 0)
  const observed = Math.abs(values.reduce((sum, value) => sum + value, 0))
  const bound = observed - TOLERANCE * values.reduce((sum, value) => sum + Math.abs(value), 0)
  if (values.length < 31 && 2 ** values.length <= permutations) {
    let reached = 0
    const all = 2 ** values.length
    for (let signs = 0; signs < all; signs++) if (flippedSum(values, () => signs) >= bound) reached++
    return reached / all
  }
  let reached = 1
  for (let permutation = 0; permutation < permutations; permutation++) {
    if (flippedSum(values, randomStream(keyOf(permutation)).uint32) >= bound) reached++
  }
  return reached / (1 + permutations)
}

/** |Σ ±d|, with signs from the bits of one word for 32 values. */
function flippedSum(values: Float64Array, nextWord: () => number): number {
  let sum = 0
  for (let start = 0; start < values.length; start += 32) {
    const end = Math.min(values.length, start + 32)
    let word = nextWord()
    for (let at = start; at < end; at++) {
      sum += (1 - 2 * (word & 1)) * values[at]
      word >>>= 1
    }
  }
  return Math.abs(sum)
}
