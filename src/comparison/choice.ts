/** Which rows of which runs are compared, with which, and on what. */
import { join, resolve, sep } from 'node:path'
import { UsageError } from '../errors.ts'
import { metrics as registry } from '../metrics/index.ts'
import { didYouMean } from '../nearest.ts'
import type { FinishedRun } from '../run/finished-run.ts'
import { isFinal } from '../run/method-names.ts'
import { type MetricsRow, type Variant, variants } from '../run/metrics-file.ts'
import { readManifest } from '../run/stage-folder.ts'

/** A method of a run, with its rows of all seeds. */
export interface Entry {
  /** unique among the entries: the method, and of several runs the directory too */
  readonly name: string
  readonly directory: string
  readonly method: string
  readonly rows: readonly MetricsRow[]
}

export interface Entries {
  readonly protocol: MetricsRow['protocol']
  readonly variant: Variant
  readonly entries: readonly Entry[]
  /** methods that have rows under the other protocol only */
  readonly others: readonly string[]
  /** names of what was left out, since an earlier run has the same */
  readonly repeated: readonly string[]
}

export type EntryPair = readonly [method: Entry, against: Entry]

/**
 * The methods of the runs under a protocol, all of one variant: the one that is asked for, or the last that every run has. A method whose figures an earlier run has, bit by bit (a baseline, usually),
 * is left out and named.
 * @throws UsageError when no run has such a row
 */
export async function entriesOf(
  runs: readonly FinishedRun[],
  protocol: MetricsRow['protocol'],
  wanted?: Variant,
): Promise<Entries> {
  const variant = wanted ?? sharedVariant(runs, protocol)
  const entries: Entry[] = []
  const repeated: string[] = []
  const known = new Set<string>()
  const names = namesOfRuns(runs.map(({ directory }) => directory))
  for (const [at, { directory, metrics }] of runs.entries()) {
    const rows = measuredRows(metrics, protocol).filter(row => row.variant === variant)
    for (const [method, own] of Map.groupBy(rows, row => row.method)) {
      const name = runs.length > 1 ? `${method} (${names[at]})` : method
      const manifests = await Promise.all(own.map(({ evaluation }) => readManifest(join(directory, evaluation))))
      const content = JSON.stringify([method, ...manifests.map(manifest => manifest?.files)])
      if (known.has(content)) repeated.push(name)
      else entries.push({ name, directory, method, rows: own })
      known.add(content)
    }
  }
  if (entries.length === 0) throw noRows(runs, protocol, variant)
  const others = runs.flatMap(({ metrics }) => metrics.rows.map(row => row.method))
  const own = new Set(entries.map(({ method }) => method))
  return { protocol, variant, entries, others: others.filter(method => !own.has(method)), repeated }
}

/** The last parts of the paths, as many as tell them apart: whole paths would leave no room for figures. */
export function namesOfRuns(directories: readonly string[]): readonly string[] {
  const paths = directories.map(directory => resolve(directory).split(sep))
  const longest = Math.max(...paths.map(({ length }) => length))
  for (let parts = 1; parts < longest; parts++) {
    const names = paths.map(path => path.slice(-parts).join('/'))
    if (new Set(names).size === names.length) return names
  }
  return directories
}

function measuredRows({ rows }: FinishedRun['metrics'], protocol: MetricsRow['protocol']): MetricsRow[] {
  return rows.filter(row => row.protocol === protocol && row.skipped === undefined)
}

/** The last variant that every run was measured in. */
function sharedVariant(runs: readonly FinishedRun[], protocol: MetricsRow['protocol']): Variant {
  const shared = variants.findLast(variant =>
    runs.every(({ metrics }) => measuredRows(metrics, protocol).some(row => row.variant === variant)),
  )
  return shared ?? 'history train'
}

function noRows(runs: readonly FinishedRun[], protocol: MetricsRow['protocol'], variant: Variant): UsageError {
  const known = new Set(runs.flatMap(({ metrics }) => measuredRows(metrics, protocol).map(row => row.variant)))
  const remedy =
    known.size > 0
      ? ` of variant "${variant}": there are ${[...known].map(name => `"${name}"`).join(', ')} (--variant)`
      : protocol === 'released'
        ? ': make them with "--protocol strict,released"'
        : ''
  return new UsageError(
    `${runs.map(({ directory }) => directory).join(', ')}: no rows under the ${protocol} protocol${remedy}`,
  )
}

export interface PairChoice {
  readonly method?: string | undefined
  readonly against: readonly string[]
  readonly allPairs: boolean
}

/** @throws UsageError for an unknown name, options that contradict each other, or when there is nothing to compare with */
export function choosePairs(from: Entries, { method, against, allPairs }: PairChoice): EntryPair[] {
  const { entries } = from
  if (allPairs && (method !== undefined || against.length > 0))
    throw new UsageError('--all-pairs compares every method: leave out --method and --against')
  const pairs = allPairs
    ? entries.flatMap((first, index) => entries.slice(index + 1).map(second => [first, second] as const))
    : pairsOf(inQuestion(from, method), from, against)
  const name = method ?? inQuestion(from, method).name
  if (pairs.length === 0)
    throw new UsageError(`there is nothing to compare "${name}" with: give another run, or one with more methods`)
  return pairs
}

function inQuestion(from: Entries, method: string | undefined): Entry {
  const { entries } = from
  if (method !== undefined) return findEntries(from, method)[0]
  const finals = entries.filter(entry => isFinal(entry.method))
  // of a fused DTL-NS and DTL-NS alone the fused one, which comes last
  return finals.findLast(({ directory }) => directory === finals[0].directory) ?? entries[entries.length - 1]
}

function pairsOf(method: Entry, from: Entries, against: readonly string[]): EntryPair[] {
  const others = against.length > 0 ? new Set(against.flatMap(name => findEntries(from, name))) : from.entries
  return [...others].filter(other => other !== method).map(other => [method, other] as const)
}

/** By the name of the entry, by its method and whole path, or by the name of the method in every run. */
export function findEntries({ entries, others, protocol }: Entries, name: string): readonly Entry[] {
  const found = entries.filter(entry =>
    [entry.name, `${entry.method} (${entry.directory})`, entry.method].includes(name),
  )
  if (found.length > 0) return found
  if (others.includes(name)) {
    const other = protocol === 'strict' ? 'released' : 'strict'
    throw new UsageError(
      `"${name}" is a row of the ${other} protocol, and the ${protocol} rows are compared: rows of both cannot be mixed; give --protocol ${other}`,
    )
  }
  const names = entries.map(entry => entry.name)
  throw new UsageError(`unknown method "${name}": there are ${names.join(', ')}${didYouMean(name, names)}`)
}

/**
 * The metrics that are compared.
 * @throws UsageError for one that is unknown, has no value by user, or that a run has not at that cut-off
 */
export function chooseMetrics(runs: readonly FinishedRun[], wanted: readonly string[]): readonly string[] {
  const shared = runs
    .map(({ plan }) => plan.run.cutoffs)
    .reduce((all, own) => all.filter(cutoff => own.includes(cutoff)))
  if (shared.length === 0)
    throw new UsageError(
      `the runs have no cut-off in common: ${runs.map(({ directory, plan }) => `${directory} has ${plan.run.cutoffs.join(', ')}`).join('; ')}`,
    )
  if (wanted.length === 0) {
    const k = shared.includes(20) ? 20 : Math.max(...shared)
    return [`recall@${k}`, `ndcg@${k}`]
  }
  for (const metric of wanted) {
    const [, name, cutoff] = /^(.+)@(\d+)$/.exec(metric) ?? []
    if (name === undefined)
      throw new UsageError(`metric "${metric}": expected a name and a cut-off, such as recall@${shared[0]}`)
    if (registry.get(name).kind === 'list')
      throw new UsageError(
        `metric "${metric}" describes all lists together and has no value by user: it cannot be compared`,
      )
    if (!shared.includes(Number(cutoff)))
      throw new UsageError(`metric "${metric}": the cut-offs of the compared runs are ${shared.join(', ')}`)
  }
  return wanted
}
