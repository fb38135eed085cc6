/** How numbers are written for people, in a terminal and in a report. What is not a number is a dash. */

const DASH = '–'

const COUNT = new Intl.NumberFormat('en-US')

/** JSON writes NaN as null, so both occur here. */
type Figure = number | null | undefined

const isFigure = (value: Figure): value is number => typeof value === 'number' && Number.isFinite(value)

/** 171,621 */
export function formatCount(value: Figure): string {
  return isFigure(value) ? COUNT.format(value) : DASH
}

/** 3 users, 1 user */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** a, b, c and 999,997 more: a line that stays one, whatever a file holds */
export function listOf(names: readonly string[], most = 20): string {
  const shown = names.slice(0, most).map(name => (name.length > 60 ? `${name.slice(0, 60)}…` : name))
  const more = names.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${formatCount(more)} more` : '')
}

/** An estimate: 1.2 M, 16 k, 840 */
export function roughCount(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`
  return count >= 1e4 ? `${Math.round(count / 1e3)} k` : String(Math.round(count))
}

/** 0.1694 */
export function decimal(value: Figure, digits = 4): string {
  return isFigure(value) ? value.toFixed(digits) : DASH
}

/** .1694, for tables of many columns */
export function compact(value: Figure): string {
  return decimal(value).replace(/^(-?)0/, '$1')
}

/** +0.0012, −0.0008, 0.0000 */
export function signed(value: Figure, write: (value: number) => string = decimal): string {
  if (!isFigure(value)) return DASH
  const text = write(Math.abs(value))
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`
}

/** `part` of `whole`: 93.8 %, and a dash when there is no whole */
export function percent(part: number, whole = 1, digits = 1): string {
  const share = part / whole
  return isFigure(share) ? `${(share * 100).toFixed(digits)} %` : DASH
}

/** What a figure changes by: +1.2 %, −0.4 % */
export function change(from: number, to: number): string {
  return from === 0 ? DASH : `${to >= from ? '+' : '−'}${percent(Math.abs(to - from), Math.abs(from))}`
}

/** 0.0312, and <0.0001 for what would read as 0 */
export function probability(p: number, write: (value: number) => string = decimal): string {
  return p < 0.0001 ? `<${write(0.0001)}` : write(p)
}

/** 95 %, 99.9 %: no more digits than it has */
export function level(share: number, digits = 1): string {
  return `${Number((share * 100).toFixed(digits))} %`
}

/** 0.04, 3.2, 1,204: enough digits to compare, no more; without the unit */
export function seconds(value: Figure): string {
  if (!isFigure(value)) return DASH
  if (value >= 100) return formatCount(Math.round(value))
  return value.toFixed(value < 1 ? 2 : 1)
}

/** 3 h 25 min, 4 min 7 s, 12.3 s */
export function duration(value: Figure): string {
  if (!isFigure(value)) return DASH
  if (value < 60) return `${seconds(value)} s`
  const whole = Math.round(value)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(value / 60)
  return `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

const UNITS = ['kB', 'MB', 'GB', 'TB']

/** 1.23 GB, in powers of 1000 */
export function bytes(value: Figure): string {
  if (!isFigure(value)) return DASH
  if (value < 1000) return `${value} B`
  const power = Math.min(UNITS.length, Math.floor(Math.log10(value) / 3))
  const scaled = value / 1000 ** power
  return `${scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0)} ${UNITS[power - 1]}`
}

/** 0.0012 USD, 1.50 USD, 250 USD; "unknown" without a price */
export function money(cost: number | undefined, currency: string | undefined): string {
  if (cost === undefined || currency === undefined) return 'unknown'
  return `${cost >= 100 ? cost.toFixed(0) : cost >= 1 ? cost.toFixed(2) : cost.toPrecision(2)} ${currency}`
}
