/** Files into interactions: formats found, columns chosen, rows checked, ids unified. */
import { DataError, UsageError } from '../errors.ts'
import { type CheckedRows, checkRows } from './check.ts'
import type { ColumnWishes } from './columns.ts'
import type { ExternalId, TimeKind } from './dataset.ts'
import type { DataFile } from './files.ts'
import { type FormatDefinition, type Sniff, sniffFile } from './formats/format.ts'
import { formats } from './formats/index.ts'
import { describeIds, describeOffset, unifyIds } from './ids.ts'
import { concatenate, type Interactions } from './interactions.ts'
import { checkGzip, quote } from './text.ts'

export interface ReadSettings {
  /** absent: found by the content of each file */
  readonly format?: FormatDefinition
  readonly wishes: ColumnWishes
  readonly signal?: AbortSignal
  decide(sentence: string): void
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
}

/** Reads groups of files, each group one part, into one space of codes. */
export async function readParts(groups: readonly (readonly DataFile[])[], settings: ReadSettings): Promise<ReadParts> {
  const tables: CheckedRows[] = []
  for (const file of groups.flat()) {
    settings.signal?.throwIfAborted()
    const table = await readTable(file, settings)
    settings.onFile(file, table.count)
    tables.push(table)
  }
  const users = unifyIds(tables.map(table => table.users))
  const items = unifyIds(tables.map(table => table.items))
  settings.decide(`User ids are ${describeIds(users)}; item ids are ${describeIds(items)}.`)
  const offset = describeOffset(users, items)
  if (offset) settings.decide(offset)

  let next = 0
  const parts = groups.map(group => {
    const [start, end] = [next, next + group.length]
    next = end
    checkKinds(tables.slice(start, end))
    return concatenate(
      tables.slice(start, end).map(({ times, ratings }, index) => ({
        users: users.codes[start + index],
        items: items.codes[start + index],
        ...(times && { times: times.values }),
        ...(ratings && { ratings }),
      })),
    )
  })
  const timeKind = tables[0].times?.kind
  return { parts, userIds: users.ids, itemIds: items.ids, ...(timeKind && { timeKind }) }
}

function checkKinds(tables: readonly CheckedRows[]): void {
  if (new Set(tables.map(({ times }) => times?.kind)).size > 1)
    throw new UsageError('some of the files have times and others have none; leave them aside with time "none"')
}

async function readTable(file: DataFile, { format, wishes, signal, decide }: ReadSettings): Promise<CheckedRows> {
  if (file.gzip) await checkGzip(file, signal)
  const sniff = await sniffFile(file)
  const definition = format ?? detect(sniff, decide)
  const rows = await definition.read({ sniff, wishes, decide, ...(signal && { signal }) })
  return checkRows(file, rows, decide)
}

function detect(sniff: Sniff, decide: (sentence: string) => void): FormatDefinition {
  for (const format of formats.parts) {
    const reason = format.detect(sniff)
    if (reason === undefined) continue
    decide(`${sniff.file.label}: format ${format.name}, because ${reason}.`)
    return format
  }
  const { label } = sniff.file
  const choices = `give --format, one of ${formats.names.join(', ')}`
  if (sniff.head.includes(0))
    throw new DataError(
      `${label} line 1: zero bytes, as in UTF-16 or binary files; save the file as UTF-8, or ${choices}`,
    )
  const index = sniff.lines.findIndex(line => line.trim() !== '')
  if (index < 0)
    throw new DataError(`${label}: there is nothing but blank lines in this file; give one with interactions`)
  throw new DataError(`${label} line ${index + 1}: no format is like ${quote(sniff.lines[index])}; ${choices}`)
}
