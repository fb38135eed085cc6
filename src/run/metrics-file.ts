/** `metrics.json`: the table of a run, as data. */
import { z } from 'zod'
import { listOf, plural } from '../numbers.ts'
import { mean, standardDeviation } from '../statistics/moments.ts'

/**
 * What a row of test is made from. The model is fitted on train, and ranks from the histories of train or from all that was
 * observed before test; or it is fitted once more on all of that. Rows of validation are of the first kind. Different ones are not compared.
 */
export const variants = ['history train', 'history train + valid', 'refit'] as const
export type Variant = (typeof variants)[number]

const row = z.object({
  method: z.string().describe('"popularity", "lightgcn+mixgcf", "dtl-ns", …'),
  protocol: z.enum(['strict', 'released']).describe('released: held-out data filtered the judgements and the mask'),
  variant: z
    .enum(variants)
    .default('history train')
    .describe('what rankings are made from; refit: train + valid, on which the model was fitted once more'),
  seed: z.int(),
  options: z.record(z.string(), z.unknown()).describe('all options that the method depends on'),
  seconds: z.number().nonnegative().describe('training and evaluation, the stages before left out'),
  peakBytes: z.int().nonnegative().describe('most memory that the process had used by the end of the method'),
  metrics: z.record(z.string(), z.number()).describe('means over the users with held-out data: "recall@20": 0.15, …'),
  skipped: z.string().optional().describe('why there are no metrics'),
  evaluation: z.string().describe('folder with its metrics and lists by user, in the run directory'),
  fusion: z.string().optional().describe('folder with the shares of a fused row'),
  rerank: z.string().optional().describe('folder with the second stage of a row that is ranked again'),
  training: z.string().optional().describe('folder with its model, for what was trained'),
  converged: z
    .boolean()
    .optional()
    .describe('of what was trained: false where the best epoch on validation is the last one that --epochs allows'),
})

/** The schema of `metrics.json`. */
export const metricsFileSchema = z.object({
  dataHash: z.string().describe('SHA-256 of the split'),
  protocol: z.enum(['strict', 'released']).describe('what was asked for; every row says its own'),
  evaluatedOn: z.enum(['test', 'valid']).describe('which held-out part the metrics are of'),
  users: z.int().optional().describe('users that the metrics are means over'),
  items: z.int().optional().describe('items that are ranked'),
  rows: z.array(row),
})

export type MetricsFile = z.infer<typeof metricsFileSchema>
export type MetricsRow = MetricsFile['rows'][number]

/** A method's rows as one: what a table shows. */
export interface MethodSummary
  extends Pick<MetricsRow, 'method' | 'protocol' | 'variant' | 'options' | 'skipped' | 'converged'> {
  /** one for a method that no seed enters */
  readonly seeds: readonly number[]
  /** mean over the seeds */
  readonly seconds: number
  /** most of any seed */
  readonly peakBytes: number
  /** means over the seeds */
  readonly metrics: Readonly<Record<string, number>>
  /** sample standard deviations over the seeds, along `metrics`; absent with one seed */
  readonly deviations?: Readonly<Record<string, number>>
}

/** The metric of a row that decides: NDCG, at 20 where it was measured. */
export function decidingMetric(row: Pick<MetricsRow, 'metrics'> | undefined): string | undefined {
  const names = Object.keys(row?.metrics ?? {})
  return names.includes('ndcg@20') ? 'ndcg@20' : names.find(name => name.startsWith('ndcg'))
}

/** The rows that speak for a run, and are compared: those of the last variant that a method was measured in. */
export function headlineRows<R extends Pick<MetricsRow, 'variant' | 'skipped'>>(rows: readonly R[]): R[] {
  const headline = headlineOf(rows)
  return rows.filter(({ variant }) => variant === headline)
}

/** The rows that a table shows: those from history train, and beside them those that speak for the run. */
export function shownRows<R extends Pick<MetricsRow, 'variant' | 'skipped'>>(rows: readonly R[]): R[] {
  const headline = headlineOf(rows)
  return rows.filter(({ variant }) => variant === 'history train' || variant === headline)
}

/** The last variant that a method was measured in. */
export function headlineOf(rows: readonly Pick<MetricsRow, 'variant' | 'skipped'>[]): Variant {
  const measured = new Set(rows.filter(row => row.skipped === undefined).map(row => row.variant))
  return variants.findLast(variant => measured.has(variant)) ?? 'history train'
}

/** The rows of each method of each variant under each protocol over its seeds, in the order of the first ones. */
export function overSeeds(rows: readonly MetricsRow[]): MethodSummary[] {
  const groups = Map.groupBy(rows, ({ method, protocol, variant }) => `${protocol} ${variant} ${method}`)
  return Array.from(groups.values(), same => {
    const [{ method, protocol, variant, options, metrics, skipped }] = same
    const over = (describe: (values: number[]) => number) =>
      Object.fromEntries(Object.keys(metrics).map(key => [key, describe(same.map(row => row.metrics[key]))]))
    return {
      method,
      protocol,
      variant,
      options,
      seeds: same.map(({ seed }) => seed),
      seconds: mean(same.map(({ seconds }) => seconds)),
      peakBytes: Math.max(...same.map(({ peakBytes }) => peakBytes)),
      metrics: over(mean),
      ...(same.length > 1 && { deviations: over(standardDeviation) }),
      ...(skipped !== undefined && { skipped }),
      ...(same[0].converged !== undefined && { converged: same.every(row => row.converged) }),
    }
  })
}

/** Fewer users than that leave differences between rows to chance. */
const FEW_USERS = 50

/** Why the figures of a small catalogue, or of a few users, say little. */
export function cautionsOf({ rows, users, items }: Pick<MetricsFile, 'rows' | 'users' | 'items'>): string[] {
  const names = Object.keys(rows.find(({ skipped }) => skipped === undefined)?.metrics ?? {})
  const cutoffs = [...new Set(names.map(name => Number(name.split('@')[1])))].sort((a, b) => a - b)
  const long = items === undefined ? [] : cutoffs.filter(k => 2 * k >= items)
  return [
    ...(users !== undefined && users < FEW_USERS ? [`measured on ${plural(users, 'user')}: too few to tell rows apart`] : []),
    ...(long.length > 0 ? [`lists of ${listOf(long.map(String))} hold half of the ${plural(items!, 'item')} or more: Recall there says little, and NDCG more; give smaller --cutoffs${long.includes(20) ? ' (validation chooses epochs by Recall@20 all the same)' : ''}`] : []),
  ] // biome-ignore format: one a line
}

/** What is said of rows whose training was cut off while it still got better. */
export function notConverged(methods: readonly string[]): string {
  return `not converged: ${methods.join(', ')} had the best validation in the last epoch allowed; raise --epochs`
}
