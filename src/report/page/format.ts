/** How metrics are named and written in a report. */
import { decimal } from '../../numbers.ts'

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
export function metricValue(key: string, value: Parameters<typeof decimal>[0]): string {
  return decimal(value, metricName(key).name === 'novelty' ? 2 : 4)
}
