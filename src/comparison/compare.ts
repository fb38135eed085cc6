/**
 * Paired comparisons of methods, user by user. What is paired is each user's metric, averaged over the method's seeds. The
 * interval speaks of other users of the same kind, and of other seeds where a method has several; effect size and p speak
 * of users alone.
 */
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { withKernels } from '../kernels/wasm/wasm.ts'
import { integer, number } from '../options.ts'
import type { BootstrapOptions, Interval } from '../statistics/bootstrap.ts'
import { benjaminiHochberg, holm } from '../statistics/corrections.ts'
import { mean, pairedEffectSize } from '../statistics/moments.ts'
import { signFlipTest } from '../statistics/permutation.ts'
import {
  breather,
  type ComparedMethod,
  countSigns,
  differencesBySeed,
  differencesOf,
  type MethodPair,
  meanOverSeeds,
  pairedIntervals,
  resampledOf,
} from './paired.ts'

export const comparisonOptions = z.object({
  level: number(0.5, 0.999).default(0.95).describe('level of the bootstrap intervals'),
  resamples: integer(100, 100_000, 'samples')
    .default(2000)
    .describe('bootstrap samples of users, and of seeds where there are several'),
  permutations: integer(100, 1_000_000, 'sign flips')
    .default(10_000)
    .describe('sign flips for a p value; all, where those are fewer'),
  seed: integer(0, 2 ** 31 - 1)
    .default(1)
    .describe('seed of the samples and sign flips'),
})

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
  return withKernels(threadsFor(users * drawn), kernels => compareBy(kernels, request))
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
    const bySeed = differencesBySeed(method.bySeed[metric], against.bySeed[metric])
    compared.push({
      ...describePair([method, against], metric, differences, intervals[index]),
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
export interface GroupComparison extends PairDescription {
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
  const intervals = await withKernels(threadsFor(additions), kernels =>
    pairedIntervals(columns, options, kernels, breather(signal)),
  )
  return within.map((pair, index) => ({
    ...describePair(pair, metric, differences[index], intervals[index]),
    users: differences[index].length,
  }))
}

type PairDescription = Pick<
  Comparison,
  'method' | 'against' | 'metric' | 'means' | 'difference' | 'interval' | 'resampled'
>

function describePair(
  [method, against]: MethodPair,
  metric: string,
  differences: Float64Array,
  interval: Interval,
): PairDescription {
  return {
    ...{ method: method.name, against: against.name, metric },
    means: [mean(meanOverSeeds(method, metric)), mean(meanOverSeeds(against, metric))],
    ...{ difference: mean(differences), interval },
    resampled: resampledOf(method.bySeed[metric], against.bySeed[metric]),
  }
}

/** Threads are worth their start for a hundred million additions. */
const threadsFor = (additions: number) => (additions > 1e8 ? 0 : 1)
