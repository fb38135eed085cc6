/** One time as a file writes it. */
import { isBlank, parseDecimal } from '../formats/tables/bytes.ts'
import { DATED, parseDate } from './dates.ts'
import { plainNumber } from './parse-number.ts'

/**
 * A time as a text file writes it: a number, or a date in one of the usual ways, in UTC when it names no zone. NaN when there is
 * none, ∞ when it cannot be read.
 */
export function parseTime(text: string): { value: number; dated: number } {
  const trimmed = text.trim()
  if (ZERO.test(trimmed)) return { value: Number.NaN, dated: DATED.number }
  const number = plainNumber(trimmed)
  return number !== undefined
    ? { value: number, dated: DATED.number }
    : (parseDate(trimmed) ?? { value: Number.POSITIVE_INFINITY, dated: DATED.number })
}

/** The dates that MySQL, Go and .NET write where there is none. */
const ZERO = /^(0000-00-00|0001-01-01)([ T]00:00:00(\.0+)?)?(Z|[+-]00:?00)?$/

/** Plain numbers, and dates as ISO 8601 and SQL write them, are read from the bytes without a string; the rest by `parseTime`. */
export function parseTimeAt(bytes: Buffer, start: number, end: number): { value: number; dated: number } {
  const number = parseDecimal(bytes, start, end)
  if (!Number.isNaN(number)) return { value: number, dated: DATED.number }
  let to = end
  while (to > start && isBlank(bytes[to - 1])) to--
  let from = start
  while (from < to && isBlank(bytes[from])) from++
  const value = parseIso(bytes, from, to)
  return Number.isNaN(value) ? parseTime(bytes.toString('utf8', from, to)) : { value, dated: DATED.date }
}

/** 2020-01-31, with 10:00:00 after a T or a blank, then perhaps a fraction, then Z, +00:00 or nothing, as ms; NaN for all that is odd. */
function parseIso(bytes: Buffer, from: number, to: number): number {
  const digits = (first: number, past: number) => {
    let value = 0
    for (let at = first; at < past; at++) {
      const digit = bytes[at] - 48
      if (digit < 0 || digit > 9) return Number.NaN
      value = 10 * value + digit
    }
    return value
  }
  const length = to - from
  if (length < 10 || bytes[from + 4] !== 45 || bytes[from + 7] !== 45) return Number.NaN
  const [year, month, day] = [digits(from, from + 4), digits(from + 5, from + 7), digits(from + 8, from + 10)]
  const midnight = Date.UTC(year, month - 1, day)
  // only from 1970 on, and not the 31st of April, which would be the 1st of May
  if (
    !(year >= 1970 && month >= 1 && month <= 12 && day >= 1 && (day <= 28 || new Date(midnight).getUTCDate() === day))
  )
    return Number.NaN
  if (length === 10) return midnight
  const mark = bytes[from + 10]
  if (length < 19 || (mark !== 32 && mark !== 84) || bytes[from + 13] !== 58 || bytes[from + 16] !== 58)
    return Number.NaN
  const hour = digits(from + 11, from + 13)
  const minute = digits(from + 14, from + 16)
  const second = digits(from + 17, from + 19)
  const last = bytes[to - 1] === 90 ? to - 1 : isUtcOffset(bytes, to) ? to - 6 : to
  if (!(hour < 24 && minute < 60 && second < 60)) return Number.NaN
  const whole = ((hour * 60 + minute) * 60 + second) * 1000
  if (last === from + 19) return midnight + whole
  let scale = 1
  for (let at = from + 20; at < last; at++) scale *= 10
  if (bytes[from + 19] !== 46 || scale === 1 || scale > 1e9) return Number.NaN
  // rounded as parseTime does
  return midnight + (whole + (digits(from + 20, last) / scale) * 1000)
}

/** Whether +00:00 stands before `to`. */
function isUtcOffset(bytes: Buffer, to: number): boolean {
  const isZero = (at: number) => bytes[at] === 48
  return (
    bytes[to - 6] === 43 && bytes[to - 3] === 58 && isZero(to - 5) && isZero(to - 4) && isZero(to - 2) && isZero(to - 1)
  )
}
