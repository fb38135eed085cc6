/** The table that a run ends with. */
import type { MetricsFile, MetricsRow } from '../pipeline/metrics-file.ts'
import type { Manifest } from '../pipeline/stage.ts'
import { formatBytes, formatSeconds, formatTable } from './table.ts'

const METRICS = ['recall', 'ndcg', 'precision', 'hit-rate']
const HEADINGS: Record<string, string> = { recall: 'Recall', ndcg: 'NDCG', precision: 'Prec', 'hit-rate': 'Hit' }

/**
 * A row a method, four metrics at each cut-off; the best strict value of a column has a star. One table where it fits
 * into `width` characters, else one a cut-off.
 */
export function formatResults({ rows, protocol }: MetricsFile, width: number): string {
  const names = Object.keys(rows.find(row => !row.skipped)?.metrics ?? {})
  const cutoffs = [...new Set(names.map(name => Number(name.split('@')[1])))].sort((a, b) => a - b)
  const whole = tableOf(rows, cutoffs, true)
  const fits = whole.split('\n').every(line => line.length <= width)
  const tables = fits ? [whole] : cutoffs.map((k, index) => tableOf(rows, [k], index === cutoffs.length - 1))
  const notes = ['* best of the strict rows']
  for (const { method, skipped } of rows) if (skipped) notes.push(`${method} was skipped: ${skipped}`)
  if (protocol === 'released')
    notes.push(
      'RELEASED: held-out data filtered the judged positives, and those are masked in the ranking: not comparable with the other rows.',
    )
  return [tables.join('\n\n'), ...notes].join('\n')
}

function tableOf(rows: readonly MetricsRow[], cutoffs: readonly number[], costs: boolean): string {
  const columns = cutoffs.flatMap(k =>
    METRICS.map(metric => ({ key: `${metric}@${k}`, title: `${HEADINGS[metric]}@${k}` })),
  )
  const cells = rows.map(row => [
    row.protocol === 'released' ? `${row.method} (RELEASED)` : row.method,
    ...columns.map(({ key }) => formatCell(row, key, bestOf(rows, key))),
    ...(costs ? [formatSeconds(row.seconds), formatBytes(row.peakBytes)] : []),
  ])
  return formatTable(
    ['method', ...columns.map(({ title }) => `${title} `), ...(costs ? ['time', 'memory'] : [])],
    cells,
  )
}

function bestOf(rows: readonly MetricsRow[], key: string): number {
  const values = rows.filter(row => row.protocol === 'strict').map(row => row.metrics[key] ?? Number.NEGATIVE_INFINITY)
  return Math.max(...values)
}

function formatCell({ metrics, protocol }: MetricsRow, key: string, best: number): string {
  const value = metrics[key]
  if (value === undefined) return '—'
  const text = value.toFixed(4).replace(/^0/, '')
  return protocol === 'strict' && value === best ? `${text}*` : `${text} `
}

/** Seconds of each stage in one line, and the most memory that the process had used by the end of any. */
export function formatStages(stages: readonly Pick<Manifest, 'stage' | 'seconds' | 'peakBytes'>[]): string {
  const times = stages.map(({ stage, seconds }) => `${stage} ${formatSeconds(seconds)}`)
  const peak = Math.max(...stages.map(({ peakBytes }) => peakBytes))
  return `Stages:  ${times.join(', ')}; peak memory of the process ${formatBytes(peak)}`
}
