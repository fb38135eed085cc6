/** How numbers and values are written in a report. What is not a number is a dash. */
import { formatCount } from '../../dataset/report.ts'

const DASH = '–'

/** JSON writes NaN as null, so both are met here. */
type Figure = number | null | undefined

const isFigure = (value: Figure): value is number => typeof value === 'number' && Number.isFinite(value)

/** 171,621 */
export function count(value: Figure): string {
  return isFigure(value) ? formatCount(value) : DASH
}

/** 0.1694 */
export function decimal(value: Figure, digits = 4): string {
  return isFigure(value) ? value.toFixed(digits) : DASH
}

/** +0.0012, −0.0008, 0.0000 */
export function signed(value: Figure): string {
  if (!isFigure(value)) return DASH
  const text = decimal(Math.abs(value))
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`
}

/** `part` of `whole`: 93.8 %, and a dash when there is no whole */
export function percent(part: number, whole = 1): string {
  const share = part / whole
  return isFigure(share) ? `${(share * 100).toFixed(1)} %` : DASH
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

/** 95 %, 99.9 % */
export function level(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}

export interface MetricName {
  /** Recall */
  readonly label: string
  /** the name without its cut-off: recall */
  readonly name: string
  readonly cutoff?: number
}

/** "hit-rate@20" → { label: "Hit rate", name: "hit-rate", cutoff: 20 } */
export function metricName(key: string): MetricName {
  const [, name, cutoff] = /^(.+)@(\d+)$/.exec(key) ?? [key, key]
  const label = ['ndcg', 'map', 'mrr'].includes(name)
    ? name.toUpperCase()
    : (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll('-', ' ')
  return { label, name, ...(cutoff !== undefined && { cutoff: Number(cutoff) }) }
}

/** "hit-rate@20" → "Hit rate@20" */
export function metricLabel(key: string): string {
  const { label, cutoff } = metricName(key)
  return cutoff === undefined ? label : `${label}@${cutoff}`
}

/** Novelty is in bits and beyond 1; everything else is a share of something. */
export function metricValue(key: string, value: Figure): string {
  return decimal(value, metricName(key).name === 'novelty' ? 2 : 4)
}
