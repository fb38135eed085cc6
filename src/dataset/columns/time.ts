/** The unit of a column of times, found from the values themselves. */
import { plural } from '../../numbers.ts'
import { DATED } from './dates.ts'
import { parseTime } from './parse-time.ts'
import type { ClockColumn } from './rows.ts'

const DAY = 86_400_000

/** Units of numbers, each with the range in which a number is one of its times between 1974 and 2103 or so. */
const UNITS = {
  seconds: { low: 1.5e8, high: 4.2e9, toMs: (value: number) => value * 1000 },
  milliseconds: { low: 1.5e11, high: 4.2e12, toMs: (value: number) => value },
  microseconds: { low: 1.5e14, high: 4.2e15, toMs: (value: number) => value / 1000 },
  // hundreds of nanoseconds: since the year 1 of .NET, since 1601 of Windows
  'dotnet-ticks': { low: 6.22e17, high: 6.64e17, toMs: (value: number) => value / 1e4 - 62_135_596_800_000 },
  filetime: { low: 1.2e17, high: 1.4e17, toMs: (value: number) => value / 1e4 - 11_644_473_600_000 },
  nanoseconds: { low: 1.5e17, high: 4.2e18, toMs: (value: number) => value / 1e6 },
  days: { low: 3650, high: 27_394, toMs: (value: number) => value * DAY },
  'spreadsheet-days': { low: 32_874, high: 58_000, toMs: (value: number) => Math.round((value - 25_569) * DAY) },
  years: { low: 1950, high: 2060, toMs: (value: number) => Date.UTC(Math.trunc(value), 0) },
} as const

/** What `--time-unit` knows beside auto. */
export const timeUnits = [
  ...(Object.keys(UNITS) as (keyof typeof UNITS)[]),
  'yyyymmdd',
  'day-first',
  'month-first',
] as const

export type TimeUnit = (typeof timeUnits)[number]

export interface TimeReading {
  /** in words: "seconds", "dates" */
  readonly unit: string
  /** ms since 1970, the array that was given */
  readonly values: Float64Array
  /** of most rows, by their size alone */
  readonly kind: string
  /** rows whose time is of another kind, and which */
  readonly strange: ReadonlyMap<number, string>
  /** what was guessed, and may be wrong */
  readonly guess?: string
}

/**
 * Turns a column into ms since 1970, in place, by the unit that explains most rows. Zero is in any unit.
 * @param beside what `DATED` says of the files that belong to this one: they tell whether day or month is first, where
 *   the column does not
 */
export function toMilliseconds(
  { values, dated }: ClockColumn,
  wished?: TimeUnit,
  beside: ReadonlySet<number> = new Set(),
): TimeReading {
  const kinds = new Int8Array(values.length)
  for (let row = 0; row < values.length; row++)
    kinds[row] = Number.isFinite(values[row]) ? kindOf(values[row], dated[row]) : -1
  const counts = new Int32Array(KINDS.length)
  for (let row = 0; row < kinds.length; row++) if (kinds[row] >= 0) counts[kinds[row]]++
  const most = counts.indexOf(Math.max(...counts))
  const strange = new Map<number, string>()
  if (counts.filter(count => count > 0).length > 1)
    for (let row = 0; row < kinds.length; row++)
      if (kinds[row] >= 0 && kinds[row] !== most) strange.set(row, KINDS[kinds[row]])
  if (KINDS[most] === 'dates')
    return { ...readDates(values, dated, strange, wished, beside), kind: KINDS[most], strange }
  const { unit, toMs, guess } = unitOfNumbers(values, kinds, most, wished)
  for (let row = 0; row < values.length; row++)
    if (values[row] !== 0 && (strange.size === 0 || !strange.has(row))) values[row] = toMs(values[row])
  return { unit, kind: KINDS[most], values, strange, ...(guess && { guess }) }
}

/** By their size alone, numbers fall into these; a column has one. */
const KINDS = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds', 'dates']

function kindOf(value: number, dated: number): number {
  if (dated) return 4
  if (value === 0) return -1
  const size = Math.abs(value)
  return size < 1e11 ? 0 : size < 1e14 ? 1 : size < 1e17 ? 2 : 3
}

function unitOfNumbers(values: Float64Array, kinds: Int8Array, most: number, wished?: TimeUnit) {
  const reading = (unit: string, toMs: (value: number) => number, guess?: string) => ({ unit, toMs, guess })
  if (wished && wished in UNITS) return reading(wished, UNITS[wished as keyof typeof UNITS].toMs)
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let [digits, dayDigits] = [true, true]
  for (let row = 0; row < values.length; row++) {
    if (kinds[row] !== most) continue
    low = Math.min(low, values[row])
    high = Math.max(high, values[row])
    digits &&= fromDigits(values[row]) !== undefined
    dayDigits &&= fromDayDigits(values[row]) !== undefined
  }
  if (digits && low <= high) return reading('dates of digits (yyyymmdd)', value => fromDigits(value) ?? value)
  const orSeconds = 'by their size; for seconds set --time-unit seconds'
  if (dayDigits && low < high)
    return reading('dates of digits (ddmmyyyy)', value => fromDayDigits(value) ?? value, orSeconds)
  // one time in twenty may be absurd; of days and years, which are small numbers, none
  const within = (unit: keyof typeof UNITS) =>
    (low >= UNITS[unit].low && high <= UNITS[unit].high) ||
    (UNITS[unit].low > 1e8 && shareWithin(values, kinds, most, UNITS[unit]) >= 0.95)
  const fits = (Object.keys(UNITS) as (keyof typeof UNITS)[]).find(within)
  if (fits === 'seconds' || (fits && most > 0)) return reading(fits, UNITS[fits].toMs)
  if (fits) return reading(SMALL[fits] ?? fits, UNITS[fits].toMs, 'by their size; another unit is set with --time-unit')
  const unit = KINDS[most] as keyof typeof UNITS
  const absurd = 'by their size, though no date between 1974 and 2103 comes of it'
  if (most > 0) return reading(unit, UNITS[unit].toMs, absurd)
  const unknown = 'numbers of no known unit, taken as seconds'
  return reading(unknown, UNITS.seconds.toMs, 'only their order matters; a unit is set with --time-unit')
}

/** Units of small numbers, in words. */
const SMALL: Readonly<Record<string, string>> = {
  ...{ days: 'days since 1970', 'spreadsheet-days': 'days of a spreadsheet', years: 'years' },
}

function shareWithin(
  values: Float64Array,
  kinds: Int8Array,
  most: number,
  { low, high }: { low: number; high: number },
): number {
  let [all, inside] = [0, 0]
  for (let row = 0; row < values.length; row++) {
    if (kinds[row] !== most) continue
    all++
    if (values[row] >= low && values[row] <= high) inside++
  }
  return inside / all
}

/** 20180901, with hours (2018090112), minutes or seconds behind, as ms; nothing when these are no digits of a date. */
function fromDigits(value: number): number | undefined {
  const text = String(value)
  const match = /^((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)?)?)?$/.exec(text)
  if (!match) return
  const [year, month, day, hour = 0, minute = 0, second = 0] = match.slice(1).map(part => Number(part ?? 0))
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return
  // ten digits are seconds more often than hours of a date: a date of hours lies near now
  return text.length === 10 && year > 2060 ? undefined : Date.UTC(year, month - 1, day, hour, minute, second)
}

/** 1092018 and 13092018: the 1st and the 13th of September 2018. */
function fromDayDigits(value: number): number | undefined {
  const [, day, month, year] = /^([1-9]|[012]\d|3[01])(0[1-9]|1[0-2])((?:19|20)\d\d)$/.exec(String(value)) ?? []
  return year === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, Number(day))
}

function readDates(
  values: Float64Array,
  dated: Uint8Array,
  strange: ReadonlyMap<number, string>,
  wished: TimeUnit | undefined,
  beside: ReadonlySet<number>,
) {
  const has = (kind: number) =>
    dated.includes(kind) && (strange.size === 0 || dated.some((value, row) => value === kind && !strange.has(row)))
  const own = [has(DATED.dayFirst), has(DATED.monthFirst)]
  const [day, month] = own.includes(true) ? own : [beside.has(DATED.dayFirst), beside.has(DATED.monthFirst)]
  const ambiguous = has(DATED.ambiguous)
  const dayFirst = wished === 'day-first' || (wished !== 'month-first' && day && !month)
  if (ambiguous && dayFirst)
    for (let row = 0; row < values.length; row++) if (dated[row] === DATED.ambiguous) values[row] = swapped(values[row])
  const both = own[0] && own[1]
  const order = both ? 'of some the day is first, of some the month' : dayFirst ? 'day first' : 'month first'
  const told = wished !== undefined || day !== month
  return {
    unit: ambiguous || dayFirst || own[1] ? `dates (${order})` : 'dates',
    values,
    ...(ambiguous && !told && { guess: `the month first; --time-unit day-first reads 03/04 as the 3rd of April` }),
  }
}

function swapped(ms: number): number {
  const date = new Date(ms)
  return Date.UTC(date.getUTCFullYear(), date.getUTCDate() - 1, date.getUTCMonth() + 1) + (((ms % DAY) + DAY) % DAY)
}

/** Whether a column of texts holds times rather than ratings: dates, or numbers in the range of a unit of time. */
export function looksLikeTimes(texts: readonly string[]): boolean {
  const times = texts.map(parseTime).filter(({ value }) => !Number.isNaN(value))
  if (times.length === 0 || times.some(({ value }) => !Number.isFinite(value))) return false
  if (times.some(({ dated }) => dated)) return times.every(({ dated }) => dated)
  const values = times.map(({ value }) => value).filter(value => value !== 0)
  // 1990 to 2039: ids of nine and ten digits are common too
  const isTime = (value: number) => [1, 1e3, 1e6, 1e9].some(unit => value >= 6.3e8 * unit && value <= 2.2e9 * unit)
  const isDate = (value: number) => value > 1e7 && fromDigits(value) !== undefined
  return values.length > 0 && (values.every(isTime) || values.every(isDate))
}

/** First and last day; a value far from all others is told of, since it may stand for a time that is missing. */
export function describeSpan(values: Float64Array, kept: Uint8Array): string {
  const span = (isIn: (value: number) => boolean) => {
    const found = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY, count: 0 }
    for (let row = 0; row < values.length; row++) {
      if (!kept[row] || !isIn(values[row])) continue
      if (values[row] < found.first) found.first = values[row]
      if (values[row] > found.last) found.last = values[row]
      found.count++
    }
    return found
  }
  const { first, last, count } = span(() => true)
  if (first === last) return `all ${day(first)}, which gives no order`
  const far = [first, last].flatMap(end => {
    const others = span(value => value !== end)
    const gap = end === first ? others.first - first : last - others.last
    const isFar = gap > 15 * YEAR && gap > others.last - others.first && others.count > 0.5 * count
    return isFar ? [`${plural(count - others.count, 'row')} of ${day(end)}, far from all others: a missing time? --where leaves them out`] : [] // biome-ignore format: one line
  })
  return [`${day(first)} to ${day(last)}`, ...far].join('; ')
}

const YEAR = 365.25 * DAY

function day(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString().slice(0, 10)
}
