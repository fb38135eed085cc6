/**
 * What may be seen when. *strict* is the default: at each phase the original observations of the phases before are
 * masked, and nothing else. *released* is what the code released with the DTL-NS paper (arXiv 2602.18249) does, for
 * comparison only: it takes held-out pairs out of the judged positives, and masks those positives in the ranking.
 */

import { z } from 'zod'
import { buildCsr } from '../dataset/csr.ts'
import { type Pairs, pickPairs } from '../dataset/dataset.ts'
import { filledRows, has, union } from '../dataset/patterns.ts'
import type { HeldOutPart, Split } from '../dataset/split.ts'
import { openTruth, splitShape, type Truth } from '../dataset/truth.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { placesWhere } from '../places.ts'
import { checkRequest } from '../requests.ts'

/** What is masked at test; `train` alone lets valid items take places in the list, for comparison with what is published. */
export type TestMask = 'train+valid' | 'train'

const OF_SPLIT = { split: splitShape }
const FIELDS = { part: z.enum(['valid', 'test']), ...OF_SPLIT, maskAtTest: z.enum(['train+valid', 'train']) }

/** The strict mask of a held-out part, user → items: train at validation, train and valid at test. */
export function seenAt(part: HeldOutPart, split: Split, maskAtTest: TestMask = 'train+valid'): CsrPattern {
  checkRequest('seenAt', FIELDS, { part, split, maskAtTest })
  const train = split.train.byUser
  return part === 'valid' || maskAtTest === 'train' ? train : union(train, openTruth(split.valid))
}

/** All that was ever observed, user → items: the mask for serving. */
export function observed(split: Split): CsrPattern {
  checkRequest('observed', OF_SPLIT, { split })
  const test = openTruth(split.test)
  return union(split.train.byUser, openTruth(split.valid), test, ...(test.given ? [test.given] : []))
}

/** *released* only: the pairs that are in neither valid nor test. */
export function withoutHeldOut(pairs: Pairs, split: Split): Pairs {
  const heldOut = union(openTruth(split.valid), openTruth(split.test))
  const { users, items } = pairs
  const isKept = (at: number) => !has(heldOut, users[at], items[at])
  return pickPairs(pairs, placesWhere(users.length, isKept))
}

/** *released* only: the mask at both phases, train and the judged positives, user → items. */
export function releasedSeen(split: Split, judgedPositives: Pairs): CsrPattern {
  const { users, items, byUser } = split.train
  return union(byUser, buildCsr(judgedPositives.users, judgedPositives.items, users, items).pattern)
}

/** The users with something held out, ascending. */
export function evaluatedUsers(truth: Truth): Int32Array {
  return filledRows(openTruth(truth))
}
