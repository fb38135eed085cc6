/** Whether a row of a table names its columns, or another line does. */
import type { ColumnWishes } from '../../columns/columns.ts'
import { isUsualName, namesUserAndItem } from '../../columns/names.ts'
import { parseNumber } from '../../columns/parse-number.ts'
import { parseTime } from '../../columns/parse-time.ts'

/** A word for a type, of which some write a row below the names. */
export const TYPE =
  /^((nullable|lowcardinality)\()*(u?int(eger)?\d*|bigint|long|float\d*|double|decimal|numeric|number|str(ing)?|text|varchar|bool(ean)?|date(32)?|datetime(64)?|timestamp|uuid|token|object|category)(\([^)]*\))?\)*$/i

/** Names in the line above the rows, where that has a separator of its own. */
export function headerBefore(lines: readonly string[], separator: string, width: number): string[] | undefined {
  return [',', ';', '\t', '|']
    .filter(other => other !== separator)
    .map(other => (lines.at(-1) ?? '').split(other).map(name => name.trim().replace(/^"(.*)"$/, '$1')))
    .find(names => names.length === width && namesUserAndItem(names))
}

/** 0, 1, 2, …: what pandas writes as header where columns have no names; with an index, after an empty name. */
export function isRunning(fields: readonly string[]): boolean {
  const numbers = fields[0] === '' ? fields.slice(1) : fields
  return numbers.length > 1 && numbers.every((field, position) => field === String(position))
}

/**
 * Whether the first row names the columns. It does when it has a name that the options or people use; it does not when it
 * holds numbers or dates, or words that stand in the rows below too.
 */
export function isHeader(
  first: readonly string[],
  below: readonly (readonly string[])[],
  wishes: ColumnWishes,
): boolean {
  const names = first.map(name => name.trim())
  const wished = Object.values(wishes)
  if (names.some(name => wished.includes(name) && !isNumber(name))) return true
  if (names.some(name => isUsualName(name, 'user') || isUsualName(name, 'item'))) return true
  if (isRunning(names)) return countsColumns(names, below)
  if (names.some(name => isNumber(name) || isDate(name))) return false
  const rows = below.filter(fields => fields.some((field, position) => field !== names[position]))
  if (rows.some(fields => fields.some((field, position) => field !== '' && field === names[position]))) return false
  // ids with digits, built as those below are
  const isLike = (fields: readonly string[]) =>
    names.every((name, position) => /\d/.test(name) && build(fields[position] ?? '') === build(name))
  if (2 * below.filter(isLike).length > below.length) return false
  return rows.some(fields => fields.some(isNumber)) || !wished.some(isNumber)
}

/** What stands before the digits of an id, and that digits follow: "u#" of u17. */
function build(text: string): string {
  return text.trim().replace(/\d.*$/s, '#')
}

/** 0, 1, 2 may be a row too: of user 0, where ids start at 0 or the users go on with 1. */
function countsColumns(names: readonly string[], below: readonly (readonly string[])[]): boolean {
  if (names[0] === '') return true
  const startAtZero = below.some(fields => fields[0] === '0' || fields[1] === '0')
  return below.length > 0 && !startAtZero && (names.length > 2 || below[0][0] !== '1')
}

function isNumber(text: string): boolean {
  return Number.isFinite(parseNumber(text))
}

function isDate(text: string): boolean {
  const { value, dated } = parseTime(text)
  return dated > 0 && Number.isFinite(value)
}
