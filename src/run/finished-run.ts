/** A run directory after its evaluation, as those read it who compare and re-score. */
import { join } from 'node:path'
import type { DataReport } from '../dataset/report.ts'
import { UsageError } from '../errors.ts'
import { findJson } from '../files.ts'
import { readOptions } from './directory.ts'
import { type MetricsFile, metricsFileSchema } from './metrics-file.ts'
import type { RunPlan } from './options/plan.ts'
import { readDataReport } from './stages/data.ts'

export interface FinishedRun {
  readonly directory: string
  /** the data, as given */
  readonly source: string
  readonly plan: RunPlan
  readonly metrics: MetricsFile
  readonly data: DataReport
}

/**
 * @throws UsageError when the directory has no finished evaluation, or one that an older version left; DataError when a
 *   file is damaged
 */
export async function readFinishedRun(directory: string): Promise<FinishedRun> {
  const { source, plan } = await readOptions(directory)
  const again = `run "dualtree evaluate ${directory}"`
  const metrics = await findJson(join(directory, 'metrics.json'), again)
  if (metrics === undefined)
    throw new UsageError(`${directory} has no finished evaluation (it has no metrics.json): ${again}`)
  const file = metricsFileSchema.safeParse(metrics)
  if (!file.success) throw new UsageError(`${directory}: metrics.json is of another version of dualtree: ${again}`)
  return { directory, source, plan, metrics: file.data, data: await readDataReport(directory) }
}
