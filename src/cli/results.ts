/** The table that a run ends with. */
import { type MethodSummary, type MetricsFile, notConverged, overSeeds } from '../run/metrics-file.ts'
import { plainStage } from '../run/seeds.ts'
import type { Manifest } from '../run/stage.ts'
import { describeProtocols, protocolEffect } from '../run/stages/protocol-effect.ts'
import { formatBytes, formatSeconds, formatTable } from './table.ts'

const METRICS = ['recall', 'ndcg', 'precision', 'hit-rate']
const HEADINGS: Record<string, string> = { recall: 'Recall', ndcg: 'NDCG', precision: 'Prec', 'hit-rate': 'Hit' }

/**
 * A row a method, four metrics at each cut-off, as mean ± deviation where there are several seeds; the best strict value
 * of a column has a star. One table where it fits into `width` characters, else one a cut-off.
 */
export function formatResults({ rows: all, protocol, evaluatedOn }: MetricsFile, width: number): string {
  const rows = overSeeds(all)
  const names = Object.keys(rows.find(row => !row.skipped)?.metrics ?? {})
  const cutoffs = [...new Set(names.map(name => Number(name.split('@')[1])))].sort((a, b) => a - b)
  const whole = tableOf(rows, cutoffs, true)
  const fits = whole.split('\n').every(line => line.length <= width)
  const tables = fits ? [whole] : cutoffs.map((k, index) => tableOf(rows, [k], index === cutoffs.length - 1))
  const notes = ['* best of the strict rows', ...noteOnSeeds(rows)]
  for (const { method, skipped } of rows) if (skipped) notes.push(`${method} was skipped: ${skipped}`)
  if (evaluatedOn === 'valid')
    notes.push('measured on validation, which chose the epochs of trained rows; test was not opened')
  if (protocol === 'released')
    notes.push(
      'RELEASED: held-out data filtered the judged positives, and those are masked in the ranking: not comparable with the other rows.',
    )
  const open = rows.filter(({ converged }) => converged === false).map(({ method }) => method)
  if (open.length > 0) notes.push(notConverged(open))
  const effect = protocolEffect(rows)
  if (effect) notes.push(...describeProtocols(effect))
  return [tables.join('\n\n'), ...notes].join('\n')
}

/** What stands behind a ±. */
function noteOnSeeds(rows: readonly MethodSummary[]): string[] {
  const { seeds } = rows.reduce((a, b) => (b.seeds.length > a.seeds.length ? b : a))
  if (seeds.length < 2) return []
  return [
    `mean ± standard deviation over the seeds ${seeds[0]} to ${seeds[seeds.length - 1]}, time a seed; rows without ± are fitted without a seed`,
  ]
}

function tableOf(rows: readonly MethodSummary[], cutoffs: readonly number[], costs: boolean): string {
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

function bestOf(rows: readonly MethodSummary[], key: string): number {
  const values = rows.filter(row => row.protocol === 'strict').map(row => row.metrics[key] ?? Number.NEGATIVE_INFINITY)
  return Math.max(...values)
}

function formatCell({ metrics, deviations, protocol }: MethodSummary, key: string, best: number): string {
  const value = metrics[key]
  if (value === undefined) return '—'
  const decimals = (figure: number) => figure.toFixed(4).replace(/^0/, '')
  const text = decimals(value) + (deviations ? ` ±${decimals(deviations[key])}` : '')
  return protocol === 'strict' && value === best ? `${text}*` : `${text} `
}

/** Seconds of each stage in one line, over all seeds, and the most memory that the process had used by the end of any. */
export function formatStages(stages: readonly Pick<Manifest, 'stage' | 'seconds' | 'peakBytes'>[]): string {
  const totals = new Map<string, number>()
  for (const { stage, seconds } of stages) {
    const name = plainStage(stage)
    totals.set(name, (totals.get(name) ?? 0) + seconds)
  }
  const times = Array.from(totals, ([stage, seconds]) => `${stage} ${formatSeconds(seconds)}`)
  const peak = Math.max(...stages.map(({ peakBytes }) => peakBytes))
  return `Stages:  ${times.join(', ')}; peak memory of the process ${formatBytes(peak)}`
}
