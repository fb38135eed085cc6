/**
 * What was held out of single users, for looking at a run after the fact. Nothing that is trained, judged or chosen may
 * use it: it opens what is sealed.
 */
import { has } from '../dataset/patterns.ts'
import type { HeldOutPart, Split } from '../dataset/split.ts'
import { openTruth, type Truth } from '../dataset/truth.ts'
import type { Candidates } from '../judges/judge.ts'
import { columnsOf } from '../kernels/csr.ts'

export interface HeldOutItem {
  readonly item: number
  readonly part: HeldOutPart
}

/**
 * The held-out items of a user, part by part, ascending within each.
 * @param opened the parts to look into: a run that leaves test closed passes validation alone
 */
export function heldOutItems(split: Split, opened: readonly HeldOutPart[]): (user: number) => HeldOutItem[] {
  const parts = opened.map(part => ({ part, pattern: openTruth(split[part]) }))
  return user => parts.flatMap(({ part, pattern }) => Array.from(columnsOf(pattern, user), item => ({ item, part })))
}

/** Whether an item is held out of a user's interactions, for tallies of what was drawn without knowing. */
export function heldOutTest(truth: Truth): (user: number, item: number) => boolean {
  const pattern = openTruth(truth)
  return (user, item) => has(pattern, user, item)
}

/** Which places of the candidate lists hold an interaction of one of the parts: [U × k], 1 or 0. */
export function heldOutPlaces(
  split: Split,
  opened: readonly HeldOutPart[],
  { k, items }: Pick<Candidates, 'k' | 'items'>,
): Uint8Array {
  const patterns = opened.map(part => openTruth(split[part]))
  const isHeldOut = (item: number, user: number) => item >= 0 && patterns.some(pattern => has(pattern, user, item))
  return Uint8Array.from(items, (item, place) => Number(isHeldOut(item, Math.floor(place / k))))
}
