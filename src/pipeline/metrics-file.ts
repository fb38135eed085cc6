/** `metrics.json`: the table of a run, as data. */
import { z } from 'zod'

const row = z.object({
  method: z.string().describe('"popularity", "lightgcn+mixgcf", "dtl-ns", …'),
  protocol: z.enum(['strict', 'released']).describe('released: held-out data filtered the judgements and the mask'),
  seed: z.int(),
  options: z.record(z.string(), z.unknown()).describe('all options that the method depends on'),
  seconds: z.number().nonnegative().describe('training and evaluation, the stages before left out'),
  peakBytes: z.int().nonnegative().describe('most memory that the process had used by the end of the method'),
  metrics: z.record(z.string(), z.number()).describe('means over the users with test data: "recall@20": 0.15, …'),
  skipped: z.string().optional().describe('why there are no metrics'),
})

/** The schema of `metrics.json`. */
export const metricsFileSchema = z.object({
  dataHash: z.string().describe('SHA-256 of the split'),
  protocol: z.enum(['strict', 'released']).describe('what was asked for; every row says its own'),
  rows: z.array(row),
})

export type MetricsFile = z.infer<typeof metricsFileSchema>
export type MetricsRow = MetricsFile['rows'][number]
