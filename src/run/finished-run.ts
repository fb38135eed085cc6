/** A run directory after its evaluation, as those read it who compare and re-score. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataReport } from '../dataset/report.ts'
import { UsageError } from '../errors.ts'
import { type MetricsFile, metricsFileSchema } from './metrics-file.ts'
import type { RunPlan } from './options/plan.ts'
import { readDataReport } from './stages/data.ts'

export interface FinishedRun {
  readonly directory: string
  readonly plan: RunPlan
  readonly metrics: MetricsFile
  readonly data: DataReport
}

/** @throws UsageError when the directory holds no finished evaluation, or one that an older version left */
export async function readFinishedRun(directory: string): Promise<FinishedRun> {
  const read = (name: string) => readFile(join(directory, name), 'utf8').catch(() => undefined)
  const [options, metrics] = [await read('options.json'), await read('metrics.json')]
  if (options === undefined)
    throw new UsageError(
      `${directory} is no run directory (it has no options.json): make one with "dualtree run <data> --out ${directory}"`,
    )
  const again = `run "dualtree evaluate ${directory}"`
  if (metrics === undefined)
    throw new UsageError(`${directory} holds no finished evaluation (it has no metrics.json): ${again}`)
  const file = metricsFileSchema.safeParse(JSON.parse(metrics))
  if (!file.success) throw new UsageError(`${directory}: metrics.json is of another version of dualtree: ${again}`)
  return { directory, plan: JSON.parse(options).plan, metrics: file.data, data: await readDataReport(directory) }
}
