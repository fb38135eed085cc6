/** Files into interactions: formats found, columns chosen, rows checked, ids unified. */
import { DataError } from '../errors.ts'
import { type CheckedRows, type CheckSettings, checkRows } from './columns/check.ts'
import type { ColumnWishes } from './columns/columns.ts'
import { DATED } from './columns/dates.ts'
import {
  describeAlike,
  describeDates,
  describeIds,
  describeLargest,
  describeOffset,
  describeShared,
  unifyIds,
} from './columns/ids.ts'
import type { Rows } from './columns/rows.ts'
import type { ExternalId, TimeKind } from './dataset.ts'
import type { DataFile } from './files/disk.ts'
import { quote } from './files/text.ts'
import { type PositiveSettings, positivesOf } from './filters/events.ts'
import { foreignText } from './formats/foreign.ts'
import { type FormatDefinition, isBinary, type Sniff, sniffFile } from './formats/format.ts'
import { formats } from './formats/index.ts'
import { concatenate, type Interactions } from './interactions.ts'
import { type DataCounts, emptyCounts, type FileAccount, told } from './report.ts'

export interface ReadSettings extends Omit<CheckSettings, 'maxRefused' | 'orders'> {
  /** absent: found by the content of the files */
  readonly format?: FormatDefinition
  readonly encoding?: string | undefined
  readonly wishes: ColumnWishes
  /** absent: 0.05 */
  readonly maxRefused?: number
  /** absent: every row is a positive */
  readonly positives?: PositiveSettings
  readonly signal?: AbortSignal
  /** takes what is removed */
  readonly counts?: DataCounts
  /** called when a file is read */
  onFile(file: DataFile, rows: number): void
}

export interface ReadParts {
  /** one for each group of files */
  readonly parts: Interactions[]
  readonly userIds: readonly ExternalId[]
  readonly itemIds: readonly ExternalId[]
  /** what the times of the first part are, if it has any */
  readonly timeKind?: TimeKind
  readonly accounts: FileAccount[]
}

/** Reads groups of files, each group one part, into one space of codes. */
export async function readParts(groups: readonly (readonly DataFile[])[], settings: ReadSettings): Promise<ReadParts> {
  const { decide, positives = {}, counts = emptyCounts() } = settings
  const read = await readTables(groups, settings)
  const tables = read.flat()
  const users = unifyIds(tables.map(table => table.users))
  const items = unifyIds(tables.map(table => table.items))
  decide(`User ids are ${describeIds(users)}; item ids are ${describeIds(items)}.`)
  for (const [what, { respelled, rounded }] of [
    ['User', users],
    ['Item', items],
  ] as const) {
    if (respelled) decide(`${what} ids such as ${quote(respelled.from)} are read as ${respelled.to}.`)
    if (rounded) decide(`${what} ids such as "${rounded}" have lost digits, as in a spreadsheet or a float: several may have become one; write them as text.`) // biome-ignore format: one line
  }
  const remarks = [
    ...[describeAlike('User', users.ids), describeDates('User', users.ids)],
    ...[describeAlike('Item', items.ids), describeDates('Item', items.ids)],
    ...[describeOffset(users, items), describeShared(users, items), describeLargest(users)],
  ]
  for (const remark of remarks) if (remark) decide(remark)

  const whole = tables.map(({ times, ratings }, index) => ({
    users: users.codes[index],
    items: items.codes[index],
    ...(times && { times: times.values }),
    ...(ratings && { ratings }),
  }))
  counts.rows += tables.reduce((sum, { count }) => sum + count, 0)
  counts.refused += tables.reduce((sum, { account }) => sum + account.rows - account.read, 0)
  const chosen = positivesOf(tables, whole, positives, counts, decide)
  const starts = read.map((_, group) => read.slice(0, group).reduce((sum, { length }) => sum + length, 0))
  const parts = read.map(({ length }, group) => concatenate(chosen.slice(starts[group], starts[group] + length)))
  const timeKind = tables[0].times?.kind
  const accounts = tables.map(({ account }) => account)
  return { parts, userIds: users.ids, itemIds: items.ids, accounts, ...(timeKind && { timeKind }) }
}

/** The files are looked at together before any is read: what one leaves open another may tell. */
async function readTables(groups: readonly (readonly DataFile[])[], settings: ReadSettings): Promise<CheckedRows[][]> {
  const { format, encoding, wishes, positives, maxRefused = 0.05, signal, decide, onFile } = settings
  const sniffs: Sniff[][] = []
  for (const group of groups) {
    const filled: Sniff[] = []
    for (const file of group) {
      const sniff = file.bytes > 0 ? await sniffFile(encoding === undefined ? file : { ...file, encoding }) : undefined
      const isEmpty = !sniff || (group.length > 1 && sniff.head.length === 0)
      if (isEmpty) decide(`${file.label}: empty, and left out.`)
      else filled.push(sniff)
    }
    sniffs.push(filled)
  }
  const beside = sniffs.flat()
  const raw: { sniff: Sniff; rows: Rows }[][] = []
  for (const group of sniffs) {
    const tables: { sniff: Sniff; rows: Rows }[] = []
    for (const sniff of group) {
      signal?.throwIfAborted()
      const definition = format ?? detect(sniff, beside, decide)
      const rows = await definition.read({
        ...{ sniff, beside, wishes, decide },
        ...(positives?.where !== undefined && { where: positives.where }),
        ...(signal && { signal }),
      })
      tables.push({ sniff, rows })
    }
    raw.push(tables)
  }
  const orders = datesIn(raw.flat().map(({ rows }) => rows))
  return raw.map((group, index) => {
    const tables: CheckedRows[] = []
    for (const { sniff, rows } of group.splice(0)) {
      const table = checkRows(sniff.file, rows, { ...settings, maxRefused, orders })
      onFile(sniff.file, table.count)
      if (table.count > 0 || sniffs[index].length === 1) tables.push(table)
    }
    if (tables.every(({ count }) => count === 0)) {
      const label = groups[index].map(file => file.label).join(', ')
      const skipped = tables.flatMap(({ account }) => account.skipped).map(told)
      const beside = skipped.length > 0 ? `, but ${skipped.join(', ')}` : ''
      throw new DataError(
        `${label}: there is no interaction in this file${beside}; give one with at least a row of data`,
      )
    }
    checkAgreement(tables)
    return tables
  })
}

/** Which ways of writing dates the files have: 25/04 in one tells what 03/04 is in another. */
function datesIn(tables: readonly Rows[]): ReadonlySet<number> {
  return new Set(
    Object.values(DATED).filter(kind =>
      tables.some(({ times }) => times?.kind === 'clock' && times.dated.includes(kind)),
    ),
  )
}

/** Files of one table say the same kinds of things. */
function checkAgreement(tables: readonly CheckedRows[]): void {
  for (const role of ['time', 'event'] as const) {
    const kindOf = (table: CheckedRows) => (role === 'time' ? table.times?.kind : table.events && 'kinds')
    const other = tables.find(table => kindOf(table) !== kindOf(tables[0]))
    if (!other) continue
    const reading = (table: CheckedRows) =>
      `${table.account.file} ${kindOf(table) === undefined ? 'has none' : `has them in ${table.names[role] ?? 'its order'}`}`
    const [what, flag] = role === 'time' ? ['times', '--time'] : ['kinds of event', '--event-column']
    throw new DataError(
      `files of one table must agree on ${what}: ${reading(tables[0])}, ${reading(other)}; name the column with ${flag}, or leave it aside with ${flag} none`,
    )
  }
}

function detect(sniff: Sniff, beside: readonly Sniff[], decide: (sentence: string) => void): FormatDefinition {
  for (const format of formats.parts) {
    const reason = format.detect(sniff, beside)
    if (reason === undefined) continue
    decide(`${sniff.file.label}: format ${format.name}, because ${reason}.`)
    return format
  }
  const { label } = sniff.file
  const choices = `give --format, one of ${formats.names.join(', ')}`
  if (isBinary(sniff.head))
    throw new DataError(
      `${label} line ${lineOf(sniff.head, 0)}: zero bytes, as in binary files; export it as CSV or Parquet, or ${choices}`,
    )
  const index = sniff.lines.findIndex(line => line.trim() !== '')
  if (index < 0)
    throw new DataError(`${label}: there is nothing but blank lines in this file; give one with interactions`)
  const place = `${label} line ${index + 1}: `
  const foreign = foreignText(sniff)
  if (foreign) throw new DataError(`${place}${quote(sniff.lines[index])}: ${foreign.what}; ${foreign.remedy}`)
  throw new DataError(`${place}no format is like ${quote(sniff.lines[index])}; ${choices}`)
}

/** The number of the line in which a byte stands first. */
function lineOf(text: Buffer, byte: number): number {
  return 1 + text.subarray(0, text.indexOf(byte)).filter(value => value === 10).length
}
