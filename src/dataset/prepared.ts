/** A split that dualtree itself wrote, as data: the folder `data` of a run, or what an engine made in the same tables. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { plural } from '../numbers.ts'
import { flagName } from '../options.ts'
import { type DataReport, emptyCounts } from './report.ts'
import { type SourceOptions, sourceOptions } from './source.ts'
import type { Split } from './split.ts'
import { readSplit, SPLIT_MANIFEST } from './store.ts'

export async function isPreparedSplit(path: string): Promise<boolean> {
  return (await stat(join(path, SPLIT_MANIFEST)).catch(() => undefined))?.isFile() ?? false
}

/**
 * @throws UsageError for an option that would have to change the split; DataError when its files are missing or damaged
 */
export async function loadPrepared(
  path: string,
  settings: SourceOptions,
  signal?: AbortSignal,
): Promise<{ split: Split; report: DataReport }> {
  const defaults: Record<string, unknown> = sourceOptions.parse({})
  const changed = Object.entries(settings).find(([key, value]) => value !== defaults[key])
  if (changed)
    throw new UsageError(
      `${path} is a split that dualtree wrote, and is used as it is: remove ${flagName(changed[0])}, or give the original data`,
    )
  const split = await readSplit(path, signal)
  const { users, items, byUser } = split.train
  const [train, valid, test] = [byUser.indices.length, split.valid.interactions, split.test.interactions]
  const decisions = [
    `A split that dualtree wrote (hash ${split.hash.slice(0, 12)}), used as it is.`,
    `${plural(users, 'user')} and ${plural(items, 'item')}: ${plural(train, 'interaction')} to train, ${valid} to validate, ${test} to test.`,
  ]
  const counts = { ...emptyCounts(), users, items, train, valid, test, rows: train + valid + test }
  return { split, report: { decisions, counts, files: [], rows: [] } }
}
