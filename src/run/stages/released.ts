/** What is trained on under the *released* protocol, which lets held-out data in. For comparison only. */
import { type Pairs, pickPairs, withPositives } from '../../dataset/dataset.ts'
import type { Split } from '../../dataset/split.ts'
import type { Enhanced } from '../../enhance/enhance.ts'
import { evaluatedUsers, releasedSeen, withoutHeldOut } from '../../evaluation/protocols.ts'
import type { CsrPattern } from '../../kernels/interface/kernels.ts'
import { placesWhere } from '../../places.ts'

export interface ReleasedEnhancement {
  readonly enhanced: Pick<Enhanced, 'train' | 'forbidden'>
  /** at validation and test: train and the judged positives */
  readonly mask: Mask
}

/** What a ranking leaves out, when not what the strict protocol does. */
export interface Mask {
  readonly seen: CsrPattern
  /** of what it is made from */
  readonly hash: string
}

/**
 * Judged positives of test users, without those that valid or test hold, as training pairs.
 * @param judged all pairs judged positive
 * @param hash of the verdicts they come from
 * @source the code released with DTL-NS, arXiv 2602.18249
 */
export function releasedEnhancement(split: Split, judged: Pairs, hash: string): ReleasedEnhancement {
  const asked = new Set(evaluatedUsers(split.test))
  const kept = placesWhere(judged.users.length, at => asked.has(judged.users[at]))
  const pairs = withoutHeldOut(pickPairs(judged, kept), split)
  const train = withPositives(split.train, pairs)
  return { enhanced: { train, forbidden: train.byUser }, mask: { seen: releasedSeen(split, pairs), hash } }
}
