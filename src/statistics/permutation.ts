/** A paired permutation test: whether the sign of the differences could be chance. */
import type { Kernels } from '../kernels/interface/kernels.ts'
import { keysOf } from './bootstrap.ts'

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
 * @returns p of differences, one per user, those of 0 left out; 1 when all are 0
 * @source Smucker, Allan, Carterette: "A comparison of statistical significance tests for information retrieval
 *   evaluation", CIKM 2007; differs: the signs of all users with no difference are not drawn
 */
export function signFlipTest(
  { seed, permutations }: PermutationOptions,
  kernels: Kernels,
): (differences: Float64Array) => number {
  return differences => {
    const values = differences.filter(value => value !== 0)
    const observed = Math.abs(values.reduce((sum, value) => sum + value, 0))
    const bound = observed - TOLERANCE * values.reduce((sum, value) => sum + Math.abs(value), 0)
    if (values.length < 31 && 2 ** values.length <= permutations) {
      let reached = 0
      const all = 2 ** values.length
      for (let signs = 0; signs < all; signs++) if (flippedSum(values, signs) >= bound) reached++
      return reached / all
    }
    const { memory } = kernels
    const reached = memory.scope(() => {
      const own = memory.doubles(values.length)
      own.set(values)
      return kernels.countFlips(memory.resident(keysOf(seed, 'sign flips', 0, permutations)), own, bound)
    })
    return (1 + reached) / (1 + permutations)
  }
}

/** |Σ ±d|, with signs from the bits of a word. */
function flippedSum(values: Float64Array, word: number): number {
  return Math.abs(values.reduce((sum, value, at) => sum + (1 - 2 * ((word >>> at) & 1)) * value, 0))
}
