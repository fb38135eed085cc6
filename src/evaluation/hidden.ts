/** Interactions of train that are hidden from training, so that it is known which unobserved items are false negatives. Studies alone use it. */

import { createDataset, type Pairs, pairsOf, pickPairs } from '../dataset/dataset.ts'
import { createSplit, type Split } from '../dataset/split.ts'
import { openTruth } from '../dataset/truth.ts'
import { placesWhere } from '../places.ts'
import { derive, randomStream, shuffle } from '../random.ts'

export interface Hidden {
  /** by share: what is hidden beyond that share, so that the rest are the false negatives that may be drawn */
  readonly beyond: ReadonlyMap<number, Pairs>
  /** what is left of train; the hidden pairs as valid, so that test masks them; valid as test, so that the original test stays closed */
  readonly split: Split
  readonly hidden: number
}

/**
 * Hides the largest share of each user's interactions, one at least left. A smaller share is a part of a larger one; a coin decides where a share
 * is no whole number.
 * @param shares of the interactions of train
 */
export function hideInteractions({ train, valid }: Split, shares: readonly number[], seed: number): Hidden {
  const { offsets } = train.byUser
  const pairs = pairsOf(train)
  /** the share from which an interaction is hidden */
  const hiddenFrom = new Float64Array(pairs.items.length).fill(Number.POSITIVE_INFINITY)
  const ascending = [...shares].sort((a, b) => a - b)
  for (let user = 0; user < train.users; user++) {
    const own = offsets[user + 1] - offsets[user]
    const coin = randomStream(derive(seed, 'hidden, rounding', user)).uniform()
    const places = Int32Array.from({ length: own }, (_, at) => offsets[user] + at)
    shuffle(places, derive(seed, 'hidden', user))
    let next = 0
    for (const share of ascending)
      for (const end = Math.min(own - 1, Math.floor(own * share + coin)); next < end; next++)
        hiddenFrom[places[next]] = share
  }
  const where = (keep: (from: number) => boolean): Pairs => {
    return pickPairs(
      pairs,
      placesWhere(pairs.items.length, at => keep(hiddenFrom[at])),
    )
  }
  const kept = where(from => from === Number.POSITIVE_INFINITY)
  const left = createDataset(kept, train.userIds, train.itemIds)
  const all = where(Number.isFinite)
  const asValid = createDataset(all, train.userIds, train.itemIds).byUser
  return {
    beyond: new Map([0, ...ascending].map(share => [share, where(from => from > share && Number.isFinite(from))])),
    split: createSplit(left, asValid, openTruth(valid)),
    hidden: all.items.length,
  }
}
