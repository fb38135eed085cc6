/** `metrics.json`: the table of a run, as data. */
import { z } from 'zod'
import { mean, standardDeviation } from '../statistics/moments.ts'

const row = z.object({
  method: z.string().describe('"popularity", "lightgcn+mixgcf", "dtl-ns", …'),
  protocol: z.enum(['strict', 'released']).describe('released: held-out data filtered the judgements and the mask'),
  seed: z.int(),
  options: z.record(z.string(), z.unknown()).describe('all options that the method depends on'),
  seconds: z.number().nonnegative().describe('training and evaluation, the stages before left out'),
  peakBytes: z.int().nonnegative().describe('most memory that the process had used by the end of the method'),
  metrics: z.record(z.string(), z.number()).describe('means over the users with held-out data: "recall@20": 0.15, …'),
  skipped: z.string().optional().describe('why there are no metrics'),
  evaluation: z.string().describe('folder with its metrics and lists by user, in the run directory'),
  fusion: z.string().optional().describe('folder with the shares of a fused row'),
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
  rows: z.array(row),
})

export type MetricsFile = z.infer<typeof metricsFileSchema>
export type MetricsRow = MetricsFile['rows'][number]

/** A method's rows as one: what a table shows. */
export interface MethodSummary extends Pick<MetricsRow, 'method' | 'protocol' | 'options' | 'skipped' | 'converged'> {
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

/** The rows of each method under each protocol over its seeds, in the order of the first ones. */
export function overSeeds(rows: readonly MetricsRow[]): MethodSummary[] {
  const groups = Map.groupBy(rows, ({ method, protocol }) => `${protocol} ${method}`)
  return Array.from(groups.values(), same => {
    const [{ method, protocol, options, metrics, skipped }] = same
    const over = (describe: (values: number[]) => number) =>
      Object.fromEntries(Object.keys(metrics).map(key => [key, describe(same.map(row => row.metrics[key]))]))
    return {
      method,
      protocol,
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

/** What is said of rows whose training was cut off while it still got better. */
export function notConverged(methods: readonly string[]): string {
  return `not converged: ${methods.join(', ')} had the best validation in the last epoch allowed; raise --epochs`
}
