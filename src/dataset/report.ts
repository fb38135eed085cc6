/** What was read and decided, in words and numbers. JSON-serialisable. */
import { formatCount, plural } from '../numbers.ts'
import type { Tally } from './columns/rows.ts'
import type { FileRecord } from './files/disk.ts'

/** How often something was found in a file, and where first. */
export interface Reason {
  readonly reason: string
  readonly count: number
  readonly place: string
  /** what was found there */
  readonly example: string
}

/** The rows of one file: `rows` = `read` + the counts of `refused`. */
export interface FileAccount {
  readonly file: string
  readonly rows: number
  readonly read: number
  readonly refused: readonly Reason[]
  /** lines that are no rows: comments, repeated headers */
  readonly skipped: readonly Reason[]
  /** rows that were read in an unusual way */
  readonly notes: readonly Reason[]
}

export function reasonsOf(tallies: ReadonlyMap<string, Tally>): Reason[] {
  return Array.from(tallies, ([reason, { count, place, example }]) => ({ reason, count, place, example }))
}

/** `3 × comment (first in line 4: "# x")` */
export function told({ reason, count, place, example }: Reason): string {
  const first = count === 1 ? place : `first in ${place}`
  return `${formatCount(count)} × ${reason} (${first}${example === '' || example === 'nothing' ? '' : `: ${example}`})`
}

/** One sentence on what became of the rows of a file. */
export function describeAccount({ file, rows, read, refused, skipped, notes }: FileAccount): string {
  if (rows === 0 && skipped.length === 0) return `${file}: no row.`
  const left =
    refused.length === 0
      ? 'all read'
      : `${formatCount(read)} read and ${formatCount(rows - read)} refused: ${refused.map(told).join(', ')}`
  const also = [...skipped, ...notes]
  return `${file}: ${plural(rows, 'row')}, ${left}${also.length ? `; beside them ${also.map(told).join(', ')}` : ''}.`
}

export const emptyCounts = () => ({
  /** with at least one interaction in train */
  users: 0,
  items: 0,
  /** interactions read from the files, repeated ones included */
  rows: 0,
  /** rows of the files that were not read, for the reasons in `rows` of the report */
  refused: 0,
  /** rows that do not meet the condition of `--where` */
  outsideWhere: 0,
  /** rows of kinds of event that `--event` does not name */
  otherEvents: 0,
  /** rows whose weight is not above 0 */
  withoutWeight: 0,
  train: 0,
  valid: 0,
  test: 0,
  /** rows that say a pair which another row of the same part says */
  duplicates: 0,
  belowMinRating: 0,
  /** interactions removed by the k-core */
  outsideCore: 0,
  /** held-out interactions left out, since their user has none in train */
  heldOutUnknownUsers: 0,
  /** the same for items; their users are known */
  heldOutUnknownItems: 0,
  /** held-out interactions left out, since train has them */
  heldOutAlreadySeen: 0,
  /** test interactions left out, since valid has them */
  testAlreadyInValid: 0,
})

export type DataCounts = ReturnType<typeof emptyCounts>

export interface DataReport {
  /** plain English sentences, in the order of the decisions */
  decisions: string[]
  counts: DataCounts
  files: FileRecord[]
  /** one for each file */
  rows: FileAccount[]
}
