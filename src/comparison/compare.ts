/**
 * Paired comparisons of methods, user by user. What is paired is each user's metric, averaged over the method's seeds. The
 * interval speaks of other users of the same kind, and of other seeds where a method has several; effect size and p speak
 * of users alone.
 */
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { physicalCores } from '../kernels/wasm/pool.ts'
import { createKernels } from '../kernels/wasm/wasm.ts'
import {
  type BootstrapOptions,
  type Breather,
  type Interval,
  percentileInterval,
  resampleMeans,
  type SeedColumns,
} from '../statistics/bootstrap.ts'
import { benjaminiHochberg, holm } from '../statistics/corrections.ts'
import { mean, pairedEffectSize } from '../statistics/moments.ts'
import { signFlipTest } from '../statistics/permutation.ts'

export const comparisonOptions = z.object({
  level: z.number().min(0.5).max(0.999).default(0.95).describe('level of the bootstrap intervals'),
  resamples: z
    .int()
    .min(100)
    .max(100_000)
    .default(2000)
    .describe('samples of users, and of seeds where there are several, that an interval is made from')
    .meta({ unit: 'samples' }),
  permutations: z
    .int()
    .min(100)
    .max(1_000_000)
    .default(10_000)
    .describe('sign flips that a p value is made from; all there are, where those are fewer')
    .meta({ unit: 'sign flips' }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .describe('seed of the samples and sign flips'),
})

/** What is known of a method: for each metric a column per seed, each along the same users. */
export interface ComparedMethod {
  readonly name: string
  readonly bySeed: Readonly<Record<string, readonly Float64Array[]>>
}

/** A pair on one metric. Differences are `method` − `against`. */
export interface Comparison {
  readonly method: string
  readonly against: string
  readonly metric: string
  readonly means: readonly [method: number, against: number]
  readonly difference: number
  /** of the difference; by bootstrap */
  readonly interval: Interval
  /** what the bootstrap draws: seeds too, where one of the two has several */
  readonly resampled: 'users' | 'users and seeds'
  /** Cohen's d_z */
  readonly effectSize: number
  /** users for which `method` is better, worse, the same */
  readonly users: { readonly better: number; readonly worse: number; readonly same: number }
  /** difference of the means seed by seed, where both have as many seeds, or one has one */
  readonly bySeed?: readonly number[]
  /** two-sided, sign-flip test over users */
  readonly p: number
  /** p corrected over all comparisons of the table: Holm, and Benjamini–Hochberg */
  readonly holm: number
  readonly falseDiscovery: number
}

export type MethodPair = readonly [method: ComparedMethod, against: ComparedMethod]

export interface ComparisonRequest {
  readonly pairs: readonly MethodPair[]
  readonly metrics: readonly string[]
  readonly options: z.output<typeof comparisonOptions>
  readonly signal?: AbortSignal
  /** comparisons done, of how many */
  readonly progress?: (done: number, total: number) => void
}

/**
 * Every pair on every metric. The same values, options and seed give the same bits.
 * @throws UsageError when columns are not along the same users; whatever `signal` aborts with
 */
export function compareMethods(request: ComparisonRequest): Promise<Comparison[]> {
  const { pairs, metrics, options } = request
  const users = pairs[0]?.[0].bySeed[metrics[0]][0].length ?? 0
  const drawn = pairs.length * metrics.length * (options.resamples + options.permutations)
  return withKernels(users * drawn, kernels => compareBy(kernels, request))
}

/** Additions for which threads are worth their start. */
const MANY = 1e8

async function withKernels<R>(additions: number, work: (kernels: Kernels) => Promise<R>): Promise<R> {
  const kernels = createKernels({ threads: additions > MANY ? physicalCores() : 1 })
  try {
    return await work(kernels)
  } finally {
    kernels.close()
  }
}

async function compareBy(kernels: Kernels, request: ComparisonRequest): Promise<Comparison[]> {
  const { pairs, metrics, options, signal, progress } = request
  const tasks = metrics.flatMap(metric => pairs.map(([method, against]) => ({ metric, method, against })))
  const breathe = breather(signal, (done, total) => progress?.(done / total, 1 + tasks.length))
  const columns = tasks.map(({ metric, method, against }) => differencesOf(method, against, metric))
  const intervals = await pairedIntervals(
    tasks.map(({ metric, method, against }) => [method.bySeed[metric], against.bySeed[metric]]),
    options,
    kernels,
    breathe,
  )
  const pOf = signFlipTest(options, kernels)
  const compared: Omit<Comparison, 'holm' | 'falseDiscovery'>[] = []
  for (const [index, { metric, method, against }] of tasks.entries()) {
    progress?.(1 + index, 1 + tasks.length)
    await setImmediate()
    signal?.throwIfAborted()
    const differences = columns[index]
    const [own, other] = [method.bySeed[metric], against.bySeed[metric]]
    const bySeed = differencesBySeed(own, other)
    compared.push({
      method: method.name,
      against: against.name,
      metric,
      means: [mean(meanOverSeeds(method, metric)), mean(meanOverSeeds(against, metric))] as const,
      difference: mean(differences),
      interval: intervals[index],
      resampled: resampledOf(own, other),
      effectSize: pairedEffectSize(differences),
      users: countSigns(differences),
      ...(bySeed && { bySeed }),
      p: pOf(differences),
    })
  }
  progress?.(1 + tasks.length, 1 + tasks.length)
  const values = compared.map(({ p }) => p)
  const [byHolm, byDiscovery] = [holm(values), benjaminiHochberg(values)]
  return compared.map((row, index) => ({ ...row, holm: byHolm[index], falseDiscovery: byDiscovery[index] }))
}

/** Means and the interval of their difference, within one group. */
export interface GroupComparison
  extends Pick<Comparison, 'method' | 'against' | 'metric' | 'means' | 'difference' | 'interval' | 'resampled'> {
  /** that enter: of the group, or with something of the group held out */
  readonly users: number
}

/**
 * @param pairs columns along all users, NaN for those that do not enter
 * @throws UsageError when columns are not along the same users; whatever `signal` aborts with
 */
export async function compareWithin(
  pairs: readonly MethodPair[],
  metric: string,
  options: BootstrapOptions,
  signal?: AbortSignal,
): Promise<GroupComparison[]> {
  const entering = ({ name, bySeed }: ComparedMethod): ComparedMethod => ({
    name,
    bySeed: { [metric]: bySeed[metric].map(column => column.filter(value => !Number.isNaN(value))) },
  })
  const all = new Map(pairs.flat().map(method => [method, entering(method)]))
  const within = pairs.map(([method, against]) => [all.get(method)!, all.get(against)!] as const)
  const differences = within.map(([method, against]) => differencesOf(method, against, metric))
  const columns = within.map(([{ bySeed: own }, { bySeed: other }]) => [own[metric], other[metric]] as const)
  const additions = options.resamples * columns.reduce((sum, [own]) => sum + own[0].length, 0)
  const intervals = await withKernels(additions, kernels =>
    pairedIntervals(columns, options, kernels, breather(signal)),
  )
  return within.map(([method, against], index) => ({
    method: method.name,
    against: against.name,
    metric,
    users: differences[index].length,
    means: [mean(meanOverSeeds(method, metric)), mean(meanOverSeeds(against, metric))],
    difference: mean(differences[index]),
    interval: intervals[index],
    resampled: resampledOf(...columns[index]),
  }))
}

/** Differences this small are what is left of equal values that were added up in another order. */
const ROUNDING = 1e-12

const withoutRounding = (difference: number) => (Math.abs(difference) < ROUNDING ? 0 : difference)

/** Of the difference of each pair; what stands in several pairs is resampled once. */
async function pairedIntervals(
  pairs: readonly (readonly [own: SeedColumns, other: SeedColumns])[],
  options: BootstrapOptions,
  kernels: Kernels,
  breathe: Breather,
): Promise<Interval[]> {
  const methods = [...new Set(pairs.flat())]
  const means = await resampleMeans(methods, options, kernels, breathe)
  const of = new Map(methods.map((columns, index) => [columns, means[index]]))
  return pairs.map(([own, other]) => {
    const subtracted = of.get(other)!
    return percentileInterval(
      of.get(own)!.map((value, sample) => withoutRounding(value - subtracted[sample])),
      options.level,
    )
  })
}

function resampledOf(own: SeedColumns, other: SeedColumns): Comparison['resampled'] {
  return own.length > 1 || other.length > 1 ? 'users and seeds' : 'users'
}

function breather(signal: AbortSignal | undefined, progress?: (done: number, total: number) => void): Breather {
  return async (done, total) => {
    progress?.(done, total)
    await setImmediate()
    signal?.throwIfAborted()
  }
}

/** Each user's metric, averaged over the seeds. */
function meanOverSeeds({ bySeed }: ComparedMethod, metric: string): Float64Array {
  const seeds = bySeed[metric]
  return seeds[0].map((_, user) => {
    let sum = 0
    for (const column of seeds) sum += column[user]
    return sum / seeds.length
  })
}

/** `method` − `against` for each user, over the seeds. */
function differencesOf(method: ComparedMethod, against: ComparedMethod, metric: string): Float64Array {
  const [own, other] = [meanOverSeeds(method, metric), meanOverSeeds(against, metric)]
  if (own.length !== other.length)
    throw new UsageError(
      `${method.name} and ${against.name}: ${own.length} and ${other.length} users cannot be paired; evaluate both on the same split`,
    )
  return own.map((value, user) => withoutRounding(value - other[user]))
}

function differencesBySeed(own: readonly Float64Array[], other: readonly Float64Array[]): number[] | undefined {
  const seeds = Math.max(own.length, other.length)
  if (seeds === 1 || [own, other].some(({ length }) => length !== 1 && length !== seeds)) return undefined
  const of = (columns: readonly Float64Array[], seed: number) => mean(columns[columns.length === 1 ? 0 : seed])
  return Array.from({ length: seeds }, (_, seed) => of(own, seed) - of(other, seed))
}

function countSigns(differences: Float64Array): Comparison['users'] {
  const better = differences.reduce((count, value) => count + Number(value > 0), 0)
  const worse = differences.reduce((count, value) => count + Number(value < 0), 0)
  return { better, worse, same: differences.length - better - worse }
}
