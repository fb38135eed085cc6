/** Users by how active they are, items by how popular, and what a metric says within such a group. */
import { degreesOf } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { openTruth, type Truth } from '../dataset/truth.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { UserMetric } from '../metrics/metric.ts'

/** Members with between `low` and `high` interactions in train. */
export interface Group {
  readonly low: number
  readonly high: number
  /** positions in what was grouped, ascending */
  readonly members: Int32Array
}

/**
 * Cuts members into groups of about equal weight by their counts; equal counts stay together, so there may be fewer
 * groups than asked for.
 * @param counts of each member
 * @param weights how much of the whole a member is
 */
export function groupByCount(counts: ArrayLike<number>, weights: ArrayLike<number>, groups: number): Group[] {
  const members = Array.from({ length: counts.length }, (_, member) => member)
  const total = members.reduce((sum, member) => sum + weights[member], 0)
  const byCount = [...Map.groupBy(members, member => counts[member])].sort(([a], [b]) => a - b)
  let passed = 0
  const placed = byCount.map(([count, same]) => {
    const weight = same.reduce((sum, member) => sum + weights[member], 0)
    // where the middle of those with this count lies decides for all of them
    const group = Math.floor((groups * (passed + weight / 2)) / total)
    passed += weight
    return { group, count, same }
  })
  return Array.from(Map.groupBy(placed, ({ group }) => group).values(), cut => ({
    low: cut[0].count,
    high: cut[cut.length - 1].count,
    members: Int32Array.from(cut.flatMap(({ same }) => same)).sort(),
  }))
}

/** Groups of about equal size of the users, by their interactions in train. @returns members are rows of `users` */
export function usersByActivity({ byUser: { offsets } }: Dataset, users: Int32Array, groups: number): Group[] {
  const counts = users.map(user => offsets[user + 1] - offsets[user])
  return groupByCount(counts, new Int32Array(users.length).fill(1), groups)
}

/** Groups of items, by their users in train, with about an equal share of train's interactions each. @returns members are items */
export function itemsByPopularity({ byItem }: Dataset, groups: number): Group[] {
  const counts = degreesOf(byItem)
  return groupByCount(counts, counts, groups)
}

export interface GroupMetricRequest {
  readonly metric: UserMetric
  readonly k: number
  /** items before the first of the next list, at least k */
  readonly stride: number
  /** those that were evaluated, ascending */
  readonly users: Int32Array
  /** [users × stride] best first, −1 where too few were left */
  readonly lists: Int32Array
  readonly truth: Truth
  /** the items of the group */
  readonly items: Int32Array
}

/**
 * A metric as if the items of a group were all that is held out; other items take their places in the list as misses.
 * @returns along `users`; NaN for users with nothing of the group held out
 */
export function metricOnItems({ metric, k, stride, users, lists, truth, items }: GroupMetricRequest): Float64Array {
  const pattern = openTruth(truth)
  const inGroup = new Uint8Array(truth.items)
  for (const item of items) inGroup[item] = 1
  return Float64Array.from(users, (user, row) => {
    const heldOut = columnsOf(pattern, user).filter(item => inGroup[item])
    if (heldOut.length === 0) return Number.NaN
    const wanted = new Set(heldOut)
    const hits = Uint8Array.from(lists.subarray(row * stride, row * stride + k), item => (wanted.has(item) ? 1 : 0))
    return metric.value({ k, hits, truth: heldOut.length })
  })
}
