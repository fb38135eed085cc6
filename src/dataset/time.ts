/** The unit of a column of times, found from the values themselves. */
import type { ClockColumn } from './rows.ts'

/** From 10¹¹ on a number is milliseconds (1973), below it seconds (up to the year 5138); and so on by 10³. */
const UNITS = [
  { name: 'seconds', below: 1e11, toMs: (value: number) => value * 1000 },
  { name: 'milliseconds', below: 1e14, toMs: undefined },
  { name: 'microseconds', below: 1e17, toMs: (value: number) => value / 1000 },
  { name: 'nanoseconds', below: Number.POSITIVE_INFINITY, toMs: (value: number) => value / 1e6 },
] as const

export type TimeUnit = (typeof UNITS)[number]['name'] | 'dates'

export type TimeReading =
  | { unit: TimeUnit; values: Float64Array }
  /** the first row whose unit is not that of the rows before it */
  | { mixedAt: number; unit: TimeUnit; expected: TimeUnit }

/** Turns a column into ms since 1970, in place, when one unit explains every row. Zero is in any unit. */
export function toMilliseconds({ values, dated }: ClockColumn): TimeReading {
  let expected: TimeUnit | undefined
  for (let row = 0; row < values.length; row++) {
    if (values[row] === 0 && !dated[row]) continue
    const unit = dated[row] ? 'dates' : unitOf(values[row])
    expected ??= unit
    if (unit !== expected) return { mixedAt: row, unit, expected }
  }
  const unit = expected ?? 'seconds'
  const toMs = UNITS.find(({ name }) => name === unit)?.toMs
  if (toMs) for (let row = 0; row < values.length; row++) values[row] = toMs(values[row])
  return { unit, values }
}

function unitOf(value: number): TimeUnit {
  const size = Math.abs(value)
  return UNITS.find(({ below }) => size < below)!.name
}

/** `2020-01-31`, with or without a time and a zone; UTC when it names none. */
const DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/

/** A time as a text file writes it: a number, or ms since 1970 where `dated`; NaN when it is neither. */
export function parseTime(text: string): { value: number; dated: boolean } {
  const match = DATE.exec(text)
  if (!match) return { value: parseNumber(text), dated: false }
  const zoned = match[4] !== undefined || match[1] === undefined
  return { value: Date.parse(zoned ? text : `${text}Z`), dated: true }
}

/** NaN for anything but a finite decimal number. */
export function parseNumber(text: string): number {
  const value = Number(text)
  return /^\s*[-+.\deE]+\s*$/.test(text) && Number.isFinite(value) ? value : Number.NaN
}

/** Whether a column of texts holds times rather than ratings: dates, or numbers no rating scale reaches. */
export function looksLikeTimes(texts: readonly string[]): boolean {
  const times = texts.map(parseTime)
  return times.length > 0 && times.every(({ value, dated }) => dated || value >= 1e8)
}
