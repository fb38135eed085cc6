/**
 * Held-out interactions, sealed. Every stage may pass a `Truth` on, but only `evaluation/` may open one, and the store
 * that writes a split: a test checks the imports. This keeps test data out of training, candidates, trees, prompts and masks.
 */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { integer } from '../options.ts'
import { checkRequest, dataset, pattern } from '../requests.ts'
import { checkPattern } from './patterns.ts'

/** Held-out items of each user, in internal ids. Its content is not reachable from the value itself. */
export interface Truth {
  readonly users: number
  readonly items: number
  readonly interactions: number
  /** whether some of its users are not in train: then what is given of them is known too */
  readonly newUsers: boolean
}

/** What is sealed: user → held-out items, ascending. */
export interface HeldOut extends CsrPattern {
  /** along `indices`, as those of train are */
  readonly timestamps?: Float64Array
  /** of users that are not in train: what is known of them, user → items; none of it is held out */
  readonly given?: Omit<HeldOut, 'given'>
}

const contents = new WeakMap<Truth, HeldOut>()

/** What a function that is given one checks. */
export const truthShape = z.custom<Truth>(
  truth => contents.has(truth as Truth),
  'expected what createSplit or sealTruth made',
)
export const splitShape = z.object({ train: dataset, valid: truthShape, test: truthShape })

const FIELDS = { byUser: pattern, items: integer(0) }

/**
 * @param byUser user → held-out items
 * @throws UsageError for rows that are no CSR, or have items that there are not
 */
export function sealTruth(byUser: HeldOut, items: number): Truth {
  checkRequest('sealTruth', FIELDS, { byUser, items })
  checkPattern('sealTruth: byUser', byUser, byUser.offsets.length - 1, items)
  const sizes = { users: byUser.offsets.length - 1, items, interactions: byUser.indices.length }
  const truth = Object.freeze({ ...sizes, newUsers: byUser.given !== undefined })
  contents.set(truth, byUser)
  return truth
}

/** For `evaluation/` alone. */
export function openTruth(truth: Truth): HeldOut {
  const byUser = contents.get(truth)
  if (!byUser) throw new UsageError('this Truth was not made by sealTruth')
  return byUser
}
