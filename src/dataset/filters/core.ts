/** What is taken out before anything is held out. */
import { DataError, UsageError } from '../../errors.ts'
import { formatCount, plural } from '../../numbers.ts'
import { countOf, type Interactions, select } from '../interactions.ts'
import type { DataCounts } from '../report.ts'

export interface FilterSettings {
  readonly minRating?: number | undefined
  readonly kCore: number
  /** what messages call the data */
  readonly label: string
  /** one more than the largest codes */
  readonly sizes: { readonly users: number; readonly items: number }
  /** takes what was removed */
  readonly counts: DataCounts
  readonly signal?: AbortSignal
  decide(sentence: string): void
}

/**
 * Keeps what is rated `minRating` or more; all, when that is not set.
 * @throws UsageError when there are no ratings
 * @throws DataError when none is left
 */
export function filterRatings(interactions: Interactions, settings: FilterSettings): Interactions {
  const { minRating, label, counts, decide } = settings
  const { ratings } = interactions
  if (minRating === undefined) return interactions
  if (!ratings)
    throw new UsageError(
      `--min-rating ${minRating} needs ratings, and ${label} has none; name their column with --rating`,
    )
  const kept = select(interactions, row => ratings[row] >= minRating)
  const removed = ratings.length - countOf(kept)
  if (countOf(kept) === 0) {
    const [least, most] = [ratings.reduce((a, b) => Math.min(a, b)), ratings.reduce((a, b) => Math.max(a, b))]
    throw new DataError(
      `${label}: no rating reaches --min-rating ${minRating}: the ${formatCount(ratings.length)} ratings run from ${least} to ${most}; lower it`,
    )
  }
  counts.belowMinRating += removed
  decide(
    `${formatCount(removed)} of ${plural(ratings.length, 'interaction')} are rated below ${minRating}, and removed.`,
  )
  return kept
}

/**
 * The k-core of `settings.kCore`; all, when that is 0.
 * @throws DataError when it is empty
 */
export function filterCore(interactions: Interactions, settings: FilterSettings): Interactions {
  const { kCore: k, label, sizes, counts, decide, signal } = settings
  if (k === 0) return interactions
  const size = ({ users, items }: Interactions) =>
    `${plural(users.length, 'interaction')} of ${plural(distinct(users, sizes.users), 'user')} with ${plural(distinct(items, sizes.items), 'item')}`
  const { interactions: core, rounds } = kCore(interactions, k, sizes.users, sizes.items, signal)
  if (countOf(core) === 0)
    throw new DataError(
      `${label}: the ${k}-core is empty: of ${size(interactions)} nothing is left after ${plural(rounds, 'round')}; lower --k-core`,
    )
  counts.outsideCore += countOf(interactions) - countOf(core)
  decide(`The ${k}-core keeps ${size(core)}, from ${size(interactions)}, after ${plural(rounds, 'round')}.`)
  return core
}

export interface CoreResult {
  readonly interactions: Interactions
  /** passes over the data that removed something */
  readonly rounds: number
}

/**
 * The k-core: the largest part in which every user and every item has at least k interactions. Taking out a rare item
 * can make a user too small and the other way round, hence the repetition.
 * @param interactions each pair once
 * @source Seidman: "Network structure and minimum degree", Social Networks 5 (1983), for the bipartite graph of
 * users and items
 */
export function kCore(
  interactions: Interactions,
  k: number,
  userCount: number,
  itemCount: number,
  signal?: AbortSignal,
): CoreResult {
  for (let rounds = 0; ; rounds++) {
    signal?.throwIfAborted()
    const { users, items } = interactions
    const perUser = degrees(users, userCount)
    const perItem = degrees(items, itemCount)
    const kept = select(interactions, row => perUser[users[row]] >= k && perItem[items[row]] >= k)
    if (countOf(kept) === users.length) return { interactions, rounds }
    interactions = kept
  }
}

/** How often each code stands in a column, added to `counts`. */
export function degrees(codes: Int32Array, count: number, counts: Int32Array = new Int32Array(count)): Int32Array {
  for (let row = 0; row < codes.length; row++) counts[codes[row]]++
  return counts
}

/** How many different codes a column holds. */
function distinct(codes: Int32Array, count: number): number {
  return degrees(codes, count).reduce((sum, degree) => sum + (degree > 0 ? 1 : 0), 0)
}
