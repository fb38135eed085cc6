/** Paired comparisons between the methods of finished runs, over all users and by groups of users and items. */
import { join } from 'node:path'
import { z } from 'zod'
import { readSplit } from '../dataset/store.ts'
import { evaluatedUsers } from '../evaluation/protocols.ts'
import { integer, parseOptions, text } from '../options.ts'
import { checkRequest, plainObject, watchFields, withFields } from '../requests.ts'
import { readFinishedRun } from '../run/finished-run.ts'
import { type Variant, variants } from '../run/metrics-file.ts'
import { showAsStage } from '../run/shown.ts'
import type { Watch } from '../run/stage.ts'
import { mean, standardDeviation } from '../statistics/moments.ts'
import { chooseMetrics, choosePairs, type Entry, entriesOf } from './choice.ts'
import { checkComparable } from './comparable.ts'
import { type Comparison, compareMethods, comparisonOptions } from './compare.ts'
import { compareByGroups, type GroupResult } from './groups.ts'
import type { ComparedMethod } from './paired.ts'
import { loadValues } from './values.ts'

export const compareRunsOptions = z.object({
  metrics: z
    .array(z.string())
    .default([])
    .describe('metrics, such as recall@20,ndcg@50; default: recall and ndcg at 20, or at the longest lists'),
  method: z.string().optional().describe('method to compare with each other one; default: dtl-ns of the first run'),
  against: z.array(z.string()).default([]).describe('compare with these methods only'),
  allPairs: z.boolean().default(false).describe('compare every method with every other'),
  protocol: z.enum(['strict', 'released']).default('strict').describe('protocol of the compared rows'),
  variant: z
    .enum(variants)
    .optional()
    .describe('variant of the compared rows, never mixed; default: the last that every run has'),
  groups: integer(0, 20, 'groups')
    .default(4)
    .describe('groups of users by activity, and of items by popularity; 0 for none'),
  ...comparisonOptions.shape,
})

export type CompareRunsOptions = z.output<typeof compareRunsOptions>

export interface MethodResult {
  /** unique in the comparison: the row's method, and of several runs the directory too */
  readonly name: string
  readonly run: string
  readonly method: string
  readonly seeds: readonly number[]
  /** over seeds: by metric */
  readonly means: Readonly<Record<string, number>>
  /** sample standard deviations over the seeds, along `means`; absent with one seed */
  readonly deviations?: Readonly<Record<string, number>>
}

/** Plain data: what is here can be JSON. */
export interface RunComparison {
  readonly dataHash: string
  readonly protocol: CompareRunsOptions['protocol']
  readonly variant: Variant
  readonly evaluatedOn: 'valid' | 'test'
  readonly options: CompareRunsOptions
  /** with something held out */
  readonly users: number
  readonly methods: readonly MethodResult[]
  readonly comparisons: readonly Comparison[]
  readonly groups: readonly GroupResult[]
  /** rows left out, since an earlier run has the same, bit by bit */
  readonly repeated: readonly string[]
}

const FIELDS = { directories: z.array(text).min(1), given: plainObject, how: withFields(watchFields) }

/**
 * @param directories of finished runs
 * @param given of `compareRunsOptions`
 * @throws UsageError when runs differ in data, split or protocol (it says in which), or for an unknown method or metric;
 *   DataError when files of a run are missing or were rebuilt after its table
 */
export async function compareRuns(
  directories: readonly string[],
  given: Readonly<Record<string, unknown>> = {},
  how: Watch = {},
): Promise<RunComparison> {
  checkRequest('compareRuns', FIELDS, { directories, given, how })
  const { signal, emit } = how
  const options = parseOptions(compareRunsOptions, given, 'compare')
  const runs = []
  for (const directory of new Set(directories)) runs.push(await readFinishedRun(directory))
  checkComparable(runs)
  const entries = await entriesOf(runs, options.protocol, options.variant)
  const pairs = choosePairs(entries, options)
  const metrics = chooseMetrics(runs, options.metrics)
  const values = new Map<Entry, ComparedMethod>()
  for (const entry of new Set(pairs.flat())) values.set(entry, await loadValues(entry, metrics))
  const watched = { metrics, options, ...(signal && { signal }) }
  const title = `Comparing ${values.size} methods user by user`
  const comparisons = await showAsStage(emit, { stage: 'compare', title }, progress =>
    compareMethods({
      ...watched,
      pairs: pairs.map(([method, against]) => [values.get(method)!, values.get(against)!]),
      progress,
    }),
  )
  const split = await readSplit(join(runs[0].directory, 'data'), signal)
  const part = runs[0].plan.run.evaluateOn
  const groups = options.groups
    ? await showAsStage(emit, { stage: 'groups', title: 'Comparing within groups of users and items' }, progress =>
        compareByGroups({ ...watched, pairs, values, split, part, progress }),
      )
    : []
  return {
    dataHash: split.hash,
    protocol: options.protocol,
    variant: entries.variant,
    options,
    evaluatedOn: part,
    users: evaluatedUsers(split[part]).length,
    methods: Array.from(values, ([entry, { bySeed }]) => describeMethod(entry, bySeed, metrics)),
    comparisons,
    groups,
    repeated: entries.repeated,
  }
}

export function describeMethod(
  { name, directory, method, rows }: Entry,
  bySeed: ComparedMethod['bySeed'],
  metrics: readonly string[],
): MethodResult {
  const over = (summarize: (values: number[]) => number) =>
    Object.fromEntries(metrics.map(metric => [metric, summarize(bySeed[metric].map(mean))]))
  return {
    name,
    run: directory,
    method,
    seeds: rows.map(({ seed }) => seed),
    means: over(mean),
    ...(rows.length > 1 && { deviations: over(standardDeviation) }),
  }
}
