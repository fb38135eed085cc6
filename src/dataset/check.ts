/** The checks that every format's rows go through, and the one sentence a fault ends in. */
import { DataError } from '../errors.ts'
import { MEANINGS } from './columns.ts'
import type { DataFile } from './files.ts'
import type { Role, Rows } from './rows.ts'
import { quote } from './text.ts'
import { toMilliseconds } from './time.ts'

/** Rows without faults; times, if there are any, in ms or positions. */
export interface CheckedRows extends Pick<Rows, 'count' | 'users' | 'items' | 'ratings'> {
  readonly times?: { readonly kind: 'clock' | 'position'; readonly values: Float64Array }
}

const REMEDIES: Record<Role, string> = {
  user: 'fill it in or remove the row',
  item: 'fill it in or remove the row',
  rating: 'give a number, or ignore the column with rating "none"',
  time: 'give seconds, milliseconds, microseconds or an ISO 8601 date, or ignore the column with time "none"',
}

/**
 * @throws DataError for the first row without user or item, or with a rating or time that cannot be read; then for
 * the first time whose unit is not that of the rows before
 */
export async function checkRows(file: DataFile, rows: Rows, decide: (sentence: string) => void): Promise<CheckedRows> {
  const { count, users, items, ratings, times, names } = rows
  if (count === 0)
    throw new DataError(`${file.label}: there is no interaction in this file; give one with at least a row of data`)
  const columns: [Role, ArrayLike<number> | undefined, (value: number) => boolean][] = [
    ['user', users.codes, code => code < 0],
    ['item', items.codes, code => code < 0],
    ['rating', ratings, Number.isNaN],
    ['time', times?.values, Number.isNaN],
  ]
  let fault: { row: number; role: Role } | undefined
  for (const [role, values, isFault] of columns) {
    const end = fault?.row ?? count
    for (let row = 0; values && row < end; row++) {
      if (!isFault(values[row])) continue
      fault = { row, role }
      break
    }
  }
  if (fault) {
    const { place, value } = await locate(rows, fault.row, fault.role)
    throw new DataError(
      `${file.label} ${place}: expected ${MEANINGS[fault.role]} in ${names[fault.role]}, found ${value}; ${REMEDIES[fault.role]}`,
    )
  }
  const checked = { count, users, items, ...(ratings && { ratings }) }
  if (times?.kind !== 'clock') return { ...checked, ...(times && { times }) }
  const reading = toMilliseconds(times)
  if ('mixedAt' in reading) {
    const { place, value } = await locate(rows, reading.mixedAt, 'time')
    throw new DataError(
      `${file.label} ${place}: expected a time in ${reading.expected} in ${names.time}, as in the rows before, found ${value} (${reading.unit}); write the whole column in one unit`,
    )
  }
  decide(`${file.label}: times in ${names.time} are ${describeTimes(reading.unit, reading.values)}.`)
  return { ...checked, times: { kind: 'clock', values: reading.values } }
}

async function locate(rows: Rows, row: number, role: Role): Promise<{ place: string; value: string }> {
  const found = await rows.locate?.(row)
  const value = found?.values[role]
  return { place: found?.place ?? `row ${row + 1}`, value: value === undefined ? 'nothing' : quote(value) }
}

function describeTimes(unit: string, values: Float64Array): string {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < first) first = value
    if (value > last) last = value
  }
  return `${unit}, ${day(first)} to ${day(last)}`
}

function day(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString().slice(0, 10)
}
