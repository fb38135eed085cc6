/** The table that a run ends with. */
import { metrics } from '../../metrics/index.ts'
import { bytes, compact, duration } from '../../numbers.ts'
import {
  cautionsOf,
  headlineOf,
  type MethodSummary,
  type MetricsFile,
  notConverged,
  overSeeds,
  shownRows,
  type Variant,
} from '../../run/metrics-file.ts'
import { type Manifest, plainStage } from '../../run/stage-folder.ts'
import { describeProtocols, protocolEffect } from '../../run/stages/protocol-effect.ts'
import { formatTable, wrapText } from './table.ts'

/**
 * A row for each method and what it is made from, the metrics that have a heading at each cut-off, as mean ± deviation
 * where there are several seeds; the best strict value of a column has a star. One table where it fits into `width` characters, else one a cut-off.
 */
export function formatResults(file: MetricsFile, width: number): string {
  const { rows: all, protocol, evaluatedOn } = file
  const rows = shownRows(overSeeds(all))
  const names = Object.keys(rows.find(row => !row.skipped)?.metrics ?? {})
  const cutoffs = [...new Set(names.map(name => Number(name.split('@')[1])))].sort((a, b) => a - b)
  const whole = tableOf(rows, cutoffs, true, Number.POSITIVE_INFINITY)
  const fits = whole.split('\n').every(line => line.length <= width)
  const tables = fits ? [whole] : cutoffs.map((k, index) => tableOf(rows, [k], index === cutoffs.length - 1, width))
  const notes = [...noteOnVariants(rows, all), ...noteOnSeeds(rows)]
  const skipped = new Map(rows.flatMap(row => (row.skipped ? [[row.method, row.skipped]] : [])))
  for (const [method, reason] of skipped) notes.push(`${method} was skipped: ${reason}`)
  if (evaluatedOn === 'valid')
    notes.push('measured on validation, which chose the epochs of trained rows; test was not opened')
  if (protocol === 'released')
    notes.push(
      'RELEASED: held-out data filtered the judged positives, and those are masked in the ranking: not comparable with the other rows.',
    )
  notes.push(...cautionsOf(file))
  const open = [...new Set(rows.flatMap(({ converged, method }) => (converged === false ? [method] : [])))]
  if (open.length > 0) notes.push(notConverged(open))
  const effect = protocolEffect(rows)
  if (effect) notes.push(...describeProtocols(effect))
  return [tables.join('\n\n'), wrapText(notes.join('\n'), width)].join('\n')
}

/** What a star says, and what rows are made from. */
function noteOnVariants(rows: readonly MethodSummary[], all: MetricsFile['rows']): string[] {
  const [headline, others] = [headlineOf(rows), new Set(all.map(row => row.variant))]
  if (others.size === 1) return ['* best in column']
  const said =
    headline === 'refit'
      ? 'refit: fitted once more on train + valid, as validation chose, and ranked from all that was observed before test'
      : 'history train + valid: fitted on train, ranked from all that was observed before test'
  const hidden = others.size > 2 ? ['rows from history train + valid are in metrics.json and the report'] : []
  return ['* best in column among rows made from the same', said, ...hidden]
}

/** What stands behind a ±. */
function noteOnSeeds(rows: readonly MethodSummary[]): string[] {
  const { seeds } = rows.reduce((a, b) => (b.seeds.length > a.seeds.length ? b : a))
  if (seeds.length < 2) return []
  return [
    `mean ± standard deviation over the seeds ${seeds[0]} to ${seeds[seeds.length - 1]}, time per seed; rows without ± are fitted without a seed`,
  ]
}

function tableOf(rows: readonly MethodSummary[], cutoffs: readonly number[], costs: boolean, width: number): string {
  const columns = cutoffs.flatMap(k =>
    metrics.parts.flatMap(({ name, heading }) => (heading ? { key: `${name}@${k}`, title: `${heading}@${k}` } : [])),
  )
  const several = new Set(rows.map(({ variant }) => variant)).size > 1
  const cells = rows.map(row => [
    row.protocol === 'released' ? `${row.method} (RELEASED)` : row.method,
    ...(several ? [row.variant] : []),
    ...columns.map(({ key }) => formatCell(row, key, bestOf(rows, row.variant, key))),
    ...(costs ? [duration(row.seconds), bytes(row.peakBytes)] : []),
  ])
  return formatTable(
    [
      'method',
      ...(several ? ['made from'] : []),
      ...columns.map(({ title }) => `${title} `),
      ...(costs ? ['time', 'memory'] : []),
    ],
    cells,
    width,
    several ? 2 : 1,
  )
}

function bestOf(rows: readonly MethodSummary[], variant: Variant, key: string): number {
  const strict = rows.filter(row => row.protocol === 'strict' && row.variant === variant)
  const values = strict.map(row => row.metrics[key] ?? Number.NEGATIVE_INFINITY)
  return Math.max(...values)
}

function formatCell({ metrics, deviations, protocol }: MethodSummary, key: string, best: number): string {
  const value = metrics[key]
  if (value === undefined) return compact(value)
  const text = compact(value) + (deviations ? ` ±${compact(deviations[key])}` : '')
  return protocol === 'strict' && value === best ? `${text}*` : `${text} `
}

/**
 * How long all stages took, over all seeds, which took longest, and the most memory that the process had used by the end of any. A stage
 * that several rows needed counts once.
 */
export function formatStages(stages: readonly Pick<Manifest, 'stage' | 'seconds' | 'peakBytes'>[]): string {
  const once = new Map(stages.map(({ stage, seconds }) => [stage, seconds]))
  const totals = new Map<string, number>()
  for (const [stage, seconds] of once) totals.set(plainStage(stage), (totals.get(plainStage(stage)) ?? 0) + seconds)
  const longest = [...totals].sort(([, a], [, b]) => b - a).slice(0, 3)
  const all = duration([...totals.values()].reduce((sum, seconds) => sum + seconds, 0))
  const peak = Math.max(...stages.map(({ peakBytes }) => peakBytes))
  return [
    `Stages:  ${all}, most of it ${longest.map(([stage, seconds]) => `${stage} ${duration(seconds)}`).join(', ')}`,
    `Memory:  ${bytes(peak)} at the peak of the process`,
  ].join('\n')
}
