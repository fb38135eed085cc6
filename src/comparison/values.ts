/** What is compared, from the files of finished runs. */
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { readPerUser } from '../run/stages/evaluation-files.ts'
import { mean } from '../statistics/moments.ts'
import type { Entry } from './choice.ts'
import type { ComparedMethod } from './paired.ts'

/**
 * Each user's metrics, a column per seed.
 * @throws DataError when files are missing, or say another mean than the run's table
 */
export async function loadValues(entry: Entry, metrics: readonly string[]): Promise<ComparedMethod> {
  const seeds: Record<string, Float64Array>[] = []
  for (const row of entry.rows) {
    const folder = join(entry.directory, row.evaluation)
    const values = await readPerUser(folder, metrics)
    for (const name of metrics) {
      if (Math.abs(mean(values[name]) - row.metrics[name]) > 1e-9)
        throw new DataError(
          `${folder}: its mean ${name} is ${mean(values[name])}, metrics.json says ${row.metrics[name]}: the table is older, run "dualtree evaluate ${entry.directory}"`,
        )
    }
    seeds.push(values)
  }
  return {
    name: entry.name,
    bySeed: Object.fromEntries(metrics.map(name => [name, seeds.map(values => values[name])])),
  }
}
