/** Interactions as columns of codes: the form between a file and a data set. */
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { ascending, placesWhere } from '../places.ts'
import { buildUniqueCsr, gather, joined, rowOfEntry, uniquePattern } from './csr.ts'
import { placeOf } from './patterns.ts'

/** Codes are positions in a `UnifiedIds`. */
export interface Interactions {
  readonly users: Int32Array
  readonly items: Int32Array
  /** ms since 1970, or positions in a user's history */
  readonly times?: Float64Array
  readonly ratings?: Float64Array
  /** of a row, or of a pair the sum over its rows */
  readonly weights?: Float64Array
}

export function countOf({ users }: Interactions): number {
  return users.length
}

/** The interactions at `order`, in that order. */
export function pick({ users, items, times, ratings, weights }: Interactions, order: Int32Array): Interactions {
  return {
    users: gather(users, order, Int32Array),
    items: gather(items, order, Int32Array),
    ...(times && { times: gather(times, order, Float64Array) }),
    ...(ratings && { ratings: gather(ratings, order, Float64Array) }),
    ...(weights && { weights: gather(weights, order, Float64Array) }),
  }
}

/** The interactions for whose position `test` holds. */
export function select(interactions: Interactions, test: (position: number) => boolean): Interactions {
  return pickKept(interactions, placesWhere(countOf(interactions), test))
}

/** The interactions at some of their positions, which ascend; the same ones at all. */
function pickKept(interactions: Interactions, kept: Int32Array): Interactions {
  return kept.length === countOf(interactions) ? interactions : pick(interactions, kept)
}

/** Replaces each code in place by what stands at it. */
export function rewrite(codes: Int32Array, replacements: ArrayLike<number>): Int32Array {
  for (let row = 0; row < codes.length; row++) codes[row] = replacements[codes[row]]
  return codes
}

/** One after the other; times, ratings and weights only when all have them. */
export function concatenate(parts: readonly Interactions[]): Interactions {
  if (parts.length === 1) return parts[0]
  const [users, items] = [parts.map(part => part.users), parts.map(part => part.items)]
  const times = parts.flatMap(part => part.times ?? [])
  const ratings = parts.flatMap(part => part.ratings ?? [])
  const weights = parts.flatMap(part => part.weights ?? [])
  return {
    users: joined(users, Int32Array),
    items: joined(items, Int32Array),
    ...(times.length === parts.length && { times: joined(times, Float64Array) }),
    ...(ratings.length === parts.length && { ratings: joined(ratings, Float64Array) }),
    ...(weights.length === parts.length && { weights: joined(weights, Float64Array) }),
  }
}

/**
 * By user, then by item, each pair once: of rows that say the same pair, the earliest, so that the order of the rows
 * does not matter; their weights are added.
 * @param userCount one more than the largest user code
 */
export function sortUnique(
  { users, items, times, weights }: Interactions,
  userCount: number,
  itemCount: number,
): Interactions {
  const { pattern, order } = times
    ? buildUniqueCsr(users, items, userCount, itemCount, (row, kept) => times[row] < times[kept])
    : { pattern: uniquePattern(users, items, userCount, itemCount) }
  return {
    users: rowOfEntry(pattern),
    items: pattern.indices,
    ...(times && order && { times: gather(times, order, Float64Array) }),
    ...(weights && { weights: sumWeights({ users, items, weights }, pattern) }),
  }
}

/** In the order of size, so that the order of the rows does not decide a rounding. */
function sumWeights(
  { users, items, weights }: Interactions & { weights: Float64Array },
  pattern: CsrPattern,
): Float64Array {
  const bySize = ascending(weights.length).sort((a, b) => weights[a] - weights[b])
  const sums = new Float64Array(pattern.indices.length)
  for (const row of bySize)
    sums[placeOf(pattern.indices, items[row], pattern.offsets[users[row]], pattern.offsets[users[row] + 1])] +=
      weights[row]
  return sums
}

/** The pairs of `from` that `known` does not hold. Both are sorted and unique. */
export function without(from: Interactions, { users, items }: Interactions): Interactions {
  const places = new Int32Array(countOf(from))
  let at = 0
  let kept = 0
  for (let position = 0; position < places.length; position++) {
    const user = from.users[position]
    const item = from.items[position]
    while (at < users.length && (users[at] < user || (users[at] === user && items[at] < item))) at++
    if (at === users.length || users[at] !== user || items[at] !== item) places[kept++] = position
  }
  return pickKept(from, places.subarray(0, kept))
}
