/**
 * What was held out of single users, for looking at a run after the fact. Nothing that is trained, judged or chosen may
 * use it: it opens both parts.
 */
import type { Split } from '../dataset/split.ts'
import { openTruth } from '../dataset/truth.ts'
import type { CandidateLists } from './judge-accuracy.ts'
import { has } from './patterns.ts'

export interface HeldOutItem {
  readonly item: number
  readonly part: 'valid' | 'test'
}

/** The held-out items of a user, those of validation first, ascending within each part. */
export function heldOutItems({ valid, test }: Split): (user: number) => HeldOutItem[] {
  const parts = [
    { part: 'valid', pattern: openTruth(valid) },
    { part: 'test', pattern: openTruth(test) },
  ] as const
  return user =>
    parts.flatMap(({ part, pattern: { offsets, indices } }) =>
      Array.from(indices.subarray(offsets[user], offsets[user + 1]), item => ({ item, part })),
    )
}

/** Which places of the candidate lists hold an interaction of validation or test: [U × k], 1 or 0. */
export function heldOutPlaces({ valid, test }: Split, { k, items }: CandidateLists): Uint8Array {
  const parts = [openTruth(valid), openTruth(test)]
  const places = new Uint8Array(items.length)
  items.forEach((item, place) => {
    const user = Math.floor(place / k)
    if (item >= 0 && parts.some(pattern => has(pattern, user, item))) places[place] = 1
  })
  return places
}
