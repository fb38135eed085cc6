/** The comparisons once more, within groups of users by activity and of items by popularity. */
import { join } from 'node:path'
import type { Split } from '../dataset/split.ts'
import { type Group, itemsByPopularity, metricOnItems, usersByActivity } from '../evaluation/groups.ts'
import { evaluatedUsers } from '../evaluation/protocols.ts'
import { metrics as registry } from '../metrics/index.ts'
import type { UserMetric } from '../metrics/metric.ts'
import { readLists } from '../run/stages/evaluation-files.ts'
import type { BootstrapOptions } from '../statistics/bootstrap.ts'
import type { Entry, EntryPair } from './choice.ts'
import { compareWithin, type GroupComparison } from './compare.ts'
import type { ComparedMethod } from './paired.ts'

/** Members of a group have between `low` and `high` interactions in train. */
export interface GroupResult extends GroupComparison {
  /** users by their items in train, or held-out items by their users in train */
  readonly by: 'user activity' | 'item popularity'
  readonly low: number
  readonly high: number
  /** users, or items, of the group */
  readonly members: number
}

export interface GroupRequest {
  readonly pairs: readonly EntryPair[]
  /** each user's metrics */
  readonly values: ReadonlyMap<Entry, ComparedMethod>
  readonly metrics: readonly string[]
  readonly split: Split
  /** the part that was evaluated on */
  readonly part: 'valid' | 'test'
  readonly options: BootstrapOptions & { readonly groups: number }
  readonly signal?: AbortSignal | undefined
  /** groups done, of how many */
  readonly progress?: (done: number, total: number) => void
}

/** A group, and what each user of a method comes to within it: a column per seed. */
interface Slice extends Pick<GroupResult, 'by'> {
  readonly group: Group
  columns(entry: Entry, metric: string): Float64Array[]
}

/** By metric, then users from the least active to the most, then items from the least popular to the most. */
export async function compareByGroups(request: GroupRequest): Promise<GroupResult[]> {
  const { pairs, metrics, options, signal, progress } = request
  const slices = [...userSlices(request), ...(await itemSlices(request))]
  const results: GroupResult[] = []
  let done = 0
  for (const metric of metrics) {
    for (const { by, group, columns } of slices) {
      progress?.(done++, metrics.length * slices.length)
      const within = new Map(
        pairs.flat().map(entry => [entry, { name: entry.name, bySeed: { [metric]: columns(entry, metric) } }]),
      )
      const compared = await compareWithin(
        pairs.map(([method, against]) => [within.get(method)!, within.get(against)!]),
        metric,
        options,
        signal,
      )
      const { low, high, members } = group
      for (const row of compared) results.push({ ...row, by, low, high, members: members.length })
    }
  }
  return results
}

function userSlices({ values, split, part, options }: GroupRequest): Slice[] {
  return usersByActivity(split.train, evaluatedUsers(split[part]), options.groups).map(group => ({
    by: 'user activity',
    group,
    columns: (entry, metric) =>
      values.get(entry)!.bySeed[metric].map(column => Float64Array.from(group.members, row => column[row])),
  }))
}

async function itemSlices({ values, metrics, split, part, options }: GroupRequest): Promise<Slice[]> {
  const users = evaluatedUsers(split[part])
  const stride = Math.max(...metrics.map(metric => parse(metric).k))
  const lists = new Map<Entry, Int32Array[]>()
  for (const entry of values.keys()) {
    const read = entry.rows.map(({ evaluation }) =>
      readLists(join(entry.directory, evaluation), stride, users, split.train),
    )
    lists.set(entry, await Promise.all(read))
  }
  return itemsByPopularity(split.train, options.groups).map(group => ({
    by: 'item popularity',
    group,
    columns: (entry, metric) =>
      lists
        .get(entry)!
        .map(own =>
          metricOnItems({ ...parse(metric), stride, users, lists: own, truth: split[part], items: group.members }),
        ),
  }))
}

/** "recall@20", which has been checked. */
function parse(key: string): { metric: UserMetric; k: number } {
  const [name, k] = key.split('@')
  return { metric: registry.get(name) as UserMetric, k: Number(k) }
}
