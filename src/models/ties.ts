/** Equal scores are put in an order that is drawn, so that the order of item ids never helps a model. */
import { derive, shuffle } from '../random.ts'

/** A permutation of 0 … items − 1 for `seed`: of two items with equal scores the one with the smaller rank comes first. */
export function tieRanks(items: number, seed: number): Int32Array {
  return shuffle(
    Int32Array.from({ length: items }, (_, item) => item),
    derive(seed, 'ties'),
  )
}
