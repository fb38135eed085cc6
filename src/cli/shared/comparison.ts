/** What `compare` prints: means, paired differences, and the same within groups. */
import type { Comparison } from '../../comparison/compare.ts'
import type { GroupResult } from '../../comparison/groups.ts'
import type { MethodResult, RunComparison } from '../../comparison/runs.ts'
import { compact, level, plural, probability, signed } from '../../numbers.ts'
import type { Interval } from '../../statistics/bootstrap.ts'
import { formatTable, wrapText } from './table.ts'

const GROUP_NOTE =
  'Groups are by interactions in train; by item popularity, only items of the group count as held out. Differences with intervals, without p.'

export function formatComparison(result: RunComparison): string {
  const { protocol, variant, evaluatedOn, users, dataHash, methods, comparisons, groups, repeated } = result
  const metrics = [...new Set(comparisons.map(({ metric }) => metric))]
  const parts = [
    `${users} users with ${evaluatedOn} data, ${protocol} protocol, rows "${variant}", data hash ${dataHash.slice(0, 12)}`,
    ...repeated.map(name => `${name}: left out, bit by bit what an earlier run has`),
    '',
    formatTable(
      ['method', 'seeds', ...metrics],
      methods.map(method => methodRow(method, metrics)),
    ),
  ]
  for (const metric of metrics) parts.push('', differenceTable(metric, comparisons))
  parts.push('', legend(result))
  for (const by of new Set(groups.map(group => group.by)))
    for (const metric of metrics)
      parts.push(
        '',
        groupTable(
          by,
          groups.filter(group => group.by === by && group.metric === metric),
        ),
      )
  if (groups.length > 0) parts.push('', GROUP_NOTE)
  return wrapText(parts.join('\n'))
}

function methodRow({ name, seeds, means, deviations }: MethodResult, metrics: readonly string[]): string[] {
  const cells = metrics.map(key => compact(means[key]) + (deviations ? ` ±${compact(deviations[key])}` : ''))
  return [name, seeds.length > 1 ? `${seeds[0]} to ${seeds[seeds.length - 1]}` : String(seeds[0]), ...cells]
}

function differenceTable(metric: string, all: readonly Comparison[]): string {
  const rows = all.filter(row => row.metric === metric)
  const seeds = rows.some(row => row.bySeed)
  const head = ['difference', `interval`, 'd_z', 'better/worse/same', ...(seeds ? ['seeds'] : []), 'p', 'Holm', 'BH']
  return formatTable(
    [metric, ...head],
    rows.map(row => [
      `${row.method} − ${row.against}`,
      signed(row.difference, compact),
      interval(row.interval),
      row.effectSize.toFixed(3),
      `${row.users.better}/${row.users.worse}/${row.users.same}`,
      ...(seeds ? [signsOf(row)] : []),
      ...[row.p, row.holm, row.falseDiscovery].map(p => probability(p, compact)),
    ]),
  )
}

/** In how many seeds the difference has the sign of the whole. */
function signsOf({ bySeed, difference }: Comparison): string {
  if (!bySeed) return '–'
  return `${bySeed.filter(value => Math.sign(value) === Math.sign(difference)).length}/${bySeed.length}`
}

function legend({ options, comparisons }: RunComparison): string {
  const seeds = comparisons.some(row => row.resampled === 'users and seeds')
  return [
    `Differences are paired user by user${seeds ? ', each the mean over the seeds; "seeds": how many have the sign of the whole' : ''}.`,
    `interval: ${level(options.level)} bootstrap over users${seeds ? ', and over seeds where a method has several' : ''}, ${options.resamples} samples; d_z: Cohen's d for paired values;`,
    `p: two-sided sign-flip test over users, ${options.permutations} flips; Holm and BH: corrected for the ${comparisons.length} comparisons of the table.`,
  ].join('\n')
}

/** A column a group; first what the method in question comes to there, then each difference. */
function groupTable(by: GroupResult['by'], rows: readonly GroupResult[]): string {
  const unit = by === 'user activity' ? 'item' : 'user'
  const columns = [...Map.groupBy(rows, ({ low }) => low).values()]
  const titles = columns.map(([{ low, high }]) =>
    low === high ? plural(low, unit) : `${low} to ${plural(high, unit)}`,
  )
  const [{ metric, method }] = rows
  const alone = rows.every(row => row.method === method)
  return formatTable(
    [`${metric} by ${by}`, ...titles],
    [
      ['users', ...columns.map(([{ users }]) => String(users))],
      ...(alone ? [[method, ...columns.map(([{ means }]) => compact(means[0]))]] : []),
      ...columns[0].map((row, index) => [
        `${row.method} − ${row.against}`,
        ...columns.map(column => `${signed(column[index].difference, compact)} ${interval(column[index].interval)}`),
      ]),
    ],
  )
}

const interval = ({ low, high }: Interval) => `[${signed(low, compact)}, ${signed(high, compact)}]`
