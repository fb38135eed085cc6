/** How far the rows of a study are from those that they are compared with, by users and seeds. */
import { compareWithin, comparisonOptions } from '../../comparison/compare.ts'
import type { ComparedMethod } from '../../comparison/paired.ts'
import { loadValues } from '../../comparison/values.ts'
import { metrics as registry } from '../../metrics/index.ts'
import { level, signed } from '../../numbers.ts'
import { metricName } from '../../report/page/format.ts'
import { resampledIn } from '../../report/sections/comparison.ts'
import { headlineOf } from '../../run/metrics-file.ts'
import type { RunResult } from '../../run/request.ts'
import type { Difference, StudyDefinition, StudyRow } from './study.ts'

const OPTIONS = comparisonOptions.parse({})

/** A row, and its metric for each user and seed where it has one. */
export interface MeasuredRow {
  readonly row: StudyRow
  readonly values?: ComparedMethod
}

/** @returns undefined for a row without figures, and for a metric of all lists together */
export async function readValues(
  { directory, metrics }: RunResult,
  method: string,
  metric: string,
): Promise<ComparedMethod | undefined> {
  const strict = metrics?.rows.filter(row => row.method === method && row.protocol === 'strict' && !row.skipped) ?? []
  const rows = strict.filter(({ variant }) => variant === headlineOf(metrics!.rows))
  if (rows.length === 0 || registry.get(metricName(metric).name).kind === 'list') return undefined
  return loadValues({ name: method, directory, method, rows }, [metric])
}

/**
 * The rows with their differences, where the study holds them against another row.
 * @throws whatever `signal` aborts with
 */
export async function withDifferences(
  { reference }: StudyDefinition,
  measured: readonly MeasuredRow[],
  metric: string,
  signal?: AbortSignal,
): Promise<StudyRow[]> {
  const rows = measured.map(({ row }) => row)
  const valuesOf = (row: StudyRow | undefined) => measured.find(own => own.row === row)?.values
  const done: StudyRow[] = []
  for (const { row, values } of measured) {
    const against = reference?.of(row, rows)
    const other = valuesOf(against)
    if (!against || against === row || !values || !other) {
      done.push(row)
      continue
    }
    const [{ difference: value, ...compared }] = await compareWithin([[values, other]], metric, OPTIONS, signal)
    const { interval, resampled } = compared
    done.push({ ...row, difference: { against: against.name, value, interval, resampled } })
  }
  return done
}

/** "+0.0036 [−0.0004, +0.0075]" */
export function writeDifference({ value, interval: { low, high } }: Difference): string {
  return `${signed(value)} [${signed(low)}, ${signed(high)}]`
}

/** What the intervals say, in words; undefined where no row is compared with another. */
export function describeDifferences({ reference }: StudyDefinition, rows: readonly StudyRow[]): string | undefined {
  const held = rows.flatMap(({ name, difference }) => (difference ? [{ name, ...difference }] : []))
  if (!reference || held.length === 0) return undefined
  const names = (own: typeof held) => own.map(({ name, value }) => `${name} (${signed(value)})`).join(', ')
  const higher = held.filter(({ interval }) => interval.low > 0)
  const lower = held.filter(({ interval }) => interval.high < 0)
  const unclear = held.length - higher.length - lower.length
  const found = [
    ...(higher.length ? [`higher are ${names(higher)}`] : []),
    ...(lower.length ? [`lower are ${names(lower)}`] : []),
    ...(unclear
      ? [`${higher.length + lower.length ? 'none of the others is' : 'none is'} statistically distinguishable from it`]
      : []),
  ]
  const known = resampledIn(held)
  const resampled = known === 'users' ? 'users, which know nothing of what another seed would change' : known
  return `Against ${reference.name}, by ${level(OPTIONS.level)} intervals over ${resampled}: ${found.join('; ')}.`
}
