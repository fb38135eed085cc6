/** What two methods differ by, user by user, and the intervals of their differences. */
import { setImmediate } from 'node:timers/promises'
import { UsageError } from '../errors.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import {
  type BootstrapOptions,
  type Breather,
  type Interval,
  percentileInterval,
  resampleMeans,
  type SeedColumns,
} from '../statistics/bootstrap.ts'
import { mean } from '../statistics/moments.ts'

/** What is known of a method: for each metric a column per seed, each along the same users. */
export interface ComparedMethod {
  readonly name: string
  readonly bySeed: Readonly<Record<string, readonly Float64Array[]>>
}

export type MethodPair = readonly [method: ComparedMethod, against: ComparedMethod]

/** Differences this small are what is left of equal values that were added up in another order. */
const ROUNDING = 1e-12

const withoutRounding = (difference: number) => (Math.abs(difference) < ROUNDING ? 0 : difference)

/** Of the difference of each pair; what stands in several pairs is resampled once. */
export async function pairedIntervals(
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

export function resampledOf(own: SeedColumns, other: SeedColumns): 'users' | 'users and seeds' {
  return own.length > 1 || other.length > 1 ? 'users and seeds' : 'users'
}

export function breather(signal: AbortSignal | undefined, progress?: (done: number, total: number) => void): Breather {
  return async (done, total) => {
    progress?.(done, total)
    await setImmediate()
    signal?.throwIfAborted()
  }
}

/** Each user's metric, averaged over the seeds. */
export function meanOverSeeds({ bySeed }: ComparedMethod, metric: string): Float64Array {
  const seeds = bySeed[metric]
  return seeds[0].map((_, user) => {
    let sum = 0
    for (const column of seeds) sum += column[user]
    return sum / seeds.length
  })
}

/** `method` − `against` for each user, over the seeds. */
export function differencesOf(method: ComparedMethod, against: ComparedMethod, metric: string): Float64Array {
  const [own, other] = [meanOverSeeds(method, metric), meanOverSeeds(against, metric)]
  if (own.length !== other.length)
    throw new UsageError(
      `${method.name} and ${against.name}: ${own.length} and ${other.length} users cannot be paired; evaluate both on the same split`,
    )
  return own.map((value, user) => withoutRounding(value - other[user]))
}

export function differencesBySeed(own: readonly Float64Array[], other: readonly Float64Array[]): number[] | undefined {
  const seeds = Math.max(own.length, other.length)
  if (seeds === 1 || [own, other].some(({ length }) => length !== 1 && length !== seeds)) return undefined
  const of = (columns: readonly Float64Array[], seed: number) => mean(columns[columns.length === 1 ? 0 : seed])
  return Array.from({ length: seeds }, (_, seed) => of(own, seed) - of(other, seed))
}

export function countSigns(differences: Float64Array): { better: number; worse: number; same: number } {
  const better = differences.reduce((count, value) => count + Number(value > 0), 0)
  const worse = differences.reduce((count, value) => count + Number(value < 0), 0)
  return { better, worse, same: differences.length - better - worse }
}
