/** Equal scores are put in an order that is drawn, so that the order of item ids never helps a model. */
import { integer } from '../options.ts'
import { derive, permutation } from '../random.ts'
import { checkRequest, seed as seedShape } from '../requests.ts'

const FIELDS = { items: integer(0), seed: seedShape }

/** A permutation of 0 … items − 1 for `seed`: of two items with equal scores the one with the smaller rank comes first. */
export function tieRanks(items: number, seed: number): Int32Array {
  checkRequest('tieRanks', FIELDS, { items, seed })
  return permutation(items, derive(seed, 'ties'))
}
