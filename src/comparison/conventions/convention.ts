/**
 * How another library computes the metrics that have the same names here, from the same lists. Formulas and facts only,
 * read in the library's own source; the tests compare with figures that the libraries gave.
 */
import type { ListWithLength } from '../../evaluation/judged-lists.ts'

/** A metric as the library has it: Σ gain / Σ weight over the users with something held out. */
export interface ConventionMetric {
  gain(list: ListWithLength): number
  /** 1 when absent: the value is a mean over users */
  weight?(list: ListWithLength): number
  /** in what the formula differs from ours of that name; absent when it does not */
  readonly cause?: string
}

/** The metrics that libraries have in common, by our names. */
export const conventionMetrics = ['recall', 'ndcg', 'precision', 'map', 'mrr', 'hit-rate'] as const
export type ConventionMetricName = (typeof conventionMetrics)[number]

export interface Convention {
  /** as typed on the command line */
  readonly name: string
  /** with the version that the facts are of */
  readonly library: string
  /** where they stand in the library's source */
  readonly source: string
  /** what its own evaluation leaves out of a ranking at test */
  readonly mask: 'train+valid' | 'train'
  /** why */
  readonly maskCause: string
  /** what no figure shows here: equal scores, users without truth, rounding */
  readonly notes: readonly string[]
  /** what is not there the library does not have */
  readonly metrics: Readonly<Partial<Record<ConventionMetricName, ConventionMetric>>>
}

/** Scores all lists, one per user with something held out. @returns NaN without lists, undefined for what the library has not */
export function scoreLists(
  { metrics }: Convention,
  lists: readonly ListWithLength[],
): Readonly<Record<ConventionMetricName, number | undefined>> {
  const value = (metric: ConventionMetric) => {
    const gain = lists.reduce((sum, list) => sum + metric.gain(list), 0)
    return gain / lists.reduce((sum, list) => sum + (metric.weight?.(list) ?? 1), 0)
  }
  const values = conventionMetrics.map(name => {
    const metric = metrics[name]
    return [name, metric && value(metric)] as const
  })
  return Object.fromEntries(values) as Record<ConventionMetricName, number | undefined>
}
