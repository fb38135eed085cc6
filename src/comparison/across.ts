/** One method in two runs of different data, over the users that both measure: figures that do not compare exactly, but show damage. */
import { join } from 'node:path'
import { readSplit } from '../dataset/store.ts'
import { UsageError } from '../errors.ts'
import { evaluatedUsers } from '../evaluation/protocols.ts'
import { parseOptions } from '../options.ts'
import { placesWhere } from '../places.ts'
import type { FinishedRun } from '../run/finished-run.ts'
import { showAsStage } from '../run/shown.ts'
import type { RunEvent } from '../run/stage.ts'
import { chooseMetrics, entriesOf, namesOfRuns } from './choice.ts'
import { compareMethods } from './compare.ts'
import type { ComparedMethod } from './paired.ts'
import { compareRunsOptions, describeMethod, type RunComparison } from './runs.ts'
import { loadValues } from './values.ts'

export interface AcrossData {
  /** of the users in common; the data hash is that of the first run */
  readonly comparison: RunComparison
  /** users with held-out items in the second run */
  readonly users: number
}

/** @throws UsageError when one of the runs has no such row */
export async function compareAcross(
  runs: readonly [FinishedRun, FinishedRun],
  method: string,
  given: Readonly<Record<string, unknown>>,
  { signal, emit }: { signal?: AbortSignal | undefined; emit?: (event: RunEvent) => void } = {},
): Promise<AcrossData> {
  const options = parseOptions(compareRunsOptions, { ...given, groups: 0 }, 'compare')
  const { variant } = await entriesOf(runs, 'strict')
  const metrics = chooseMetrics(runs, options.metrics)
  const names = namesOfRuns(runs.map(({ directory }) => directory))
  const sides = []
  for (const [at, run] of runs.entries()) {
    const { directory, plan } = run
    const found = (await entriesOf([run], 'strict', variant)).entries.find(entry => entry.method === method)
    if (!found)
      throw new UsageError(
        `${directory} has no row "${method}" to compare with the one that is served: run it with that row too (--compare or --baselines)`,
      )
    const entry = { ...found, name: `${method} (${names[at]})` }
    const split = await readSplit(join(directory, 'data'), signal)
    const users = Array.from(evaluatedUsers(split[plan.run.evaluateOn]), user => String(split.train.userIds.ids[user]))
    sides.push({ entry, users, values: await loadValues(entry, metrics), hash: split.hash })
  }
  const [own, other] = sides
  const places = new Map(other.users.map((user, row) => [user, row]))
  const rows = placesWhere(own.users.length, row => places.has(own.users[row]))
  const theirs = rows.map(row => places.get(own.users[row])!)
  const along = ({ name, bySeed }: ComparedMethod, chosen: Int32Array): ComparedMethod => {
    const pick = (column: Float64Array) => Float64Array.from(chosen, row => column[row])
    const picked = Object.entries(bySeed).map(([metric, seeds]) => [metric, seeds.map(pick)])
    return { name, bySeed: Object.fromEntries(picked) }
  }
  const pair = [along(own.values, rows), along(other.values, theirs)] as const
  const comparisons =
    rows.length === 0
      ? []
      : await showAsStage(emit, { stage: 'compare', title: `Comparing ${method} on both data` }, progress =>
          compareMethods({ pairs: [pair], metrics, options, progress, ...(signal && { signal }) }),
        )
  return {
    users: other.users.length,
    comparison: {
      ...{ dataHash: own.hash, protocol: 'strict', variant, evaluatedOn: runs[0].plan.run.evaluateOn, options },
      ...{ users: rows.length, comparisons, groups: [], repeated: [] },
      methods: sides.map(({ entry }, side) => describeMethod(entry, pair[side].bySeed, metrics)),
    },
  }
}
