/** Bootstrap intervals of means over users, and over seeds where a method has several. */
import type { Kernels } from '../kernels/interface/kernels.ts'
import { derive, randomStream } from '../random.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  readonly seed: number
  /** samples that are drawn */
  readonly resamples: number
  /** of the interval, in (0, 1): 0.95 */
  readonly level: number
}

/** What a method comes to for each user: a column per seed, all along the same users. */
export type SeedColumns = readonly Float64Array[]

/** Called now and then with the samples that are done, so that others get their turn; what it throws ends the drawing. */
export type Breather = (done: number, total: number) => Promise<void>

/** Additions between two breaths: some tens of milliseconds. */
const BREATH = 5_000_000

/**
 * Each method's mean in each sample. Users are drawn with replacement, the same ones for every method. Of a method's n > 1
 * seeds n − 1 are drawn, with replacement and apart from the users, the same places for all methods with n: what methods
 * share for a seed stays paired, and the variance that seeds bring is s² / n on average, where n draws would give less.
 * @returns [methods] of [resamples], in the order of drawing; NaN without users
 * @source Efron & Tibshirani: "An Introduction to the Bootstrap", 1993, chapter 13; Rao & Wu, JASA 83 (1988), for n − 1;
 *   Owen: "The pigeonhole bootstrap", Annals of Applied Statistics 1 (2007), for two crossed factors: rather too wide
 *   than too narrow
 */
export async function resampleMeans(
  methods: readonly SeedColumns[],
  { seed, resamples }: Pick<BootstrapOptions, 'seed' | 'resamples'>,
  kernels: Kernels,
  breathe: Breather = async () => {},
): Promise<Float64Array[]> {
  const users = methods[0]?.[0].length ?? 0
  const means = methods.map(() => new Float64Array(resamples))
  const columns = methods.flat()
  const width = Math.ceil(columns.length / 4) * 4
  const samplesInBreath = Math.max(1, Math.floor(BREATH / Math.max(1, users * columns.length)))
  const sizes = new Set(methods.map(({ length }) => length))
  const weights = new Map<number, Float64Array>([[1, Float64Array.of(1)]])
  for (let first = 0; first < resamples; first += samplesInBreath) {
    await breathe(first, resamples)
    const samples = Math.min(samplesInBreath, resamples - first)
    const sums = sumSamples(columns, width, keysOf(seed, 'bootstrap', first, first + samples), kernels)
    for (let sample = 0; sample < samples; sample++) {
      for (const size of sizes) if (size > 1) weights.set(size, drawSeeds(seed, first + sample, size))
      let at = sample * width
      methods.forEach((own, index) => {
        weights.get(own.length)!.forEach(weight => {
          // a seed that was not drawn adds nothing, not even what is no number
          if (weight !== 0) means[index][first + sample] += (weight * sums[at]) / users
          at++
        })
      })
    }
  }
  return means
}

/** [samples × width], of columns along the same users. */
function sumSamples(columns: readonly Float64Array[], width: number, keys: Int32Array, kernels: Kernels): Float64Array {
  const { memory } = kernels
  return memory.scope(() => {
    const table = memory.doubles((columns[0]?.length ?? 0) * width)
    columns.forEach((column, c) => {
      for (let user = 0; user < column.length; user++) table[user * width + c] = column[user]
    })
    const out = memory.doubles((keys.length / 2) * width)
    if (width > 0) kernels.resampleSums(memory.resident(keys), table, width, out)
    return out.slice()
  })
}

/** The keys of the last seed, by purpose: a report draws the same samples a dozen times. */
const known = { seed: Number.NaN, keys: new Map<string, Int32Array>() }

/** The keys of numbers begin … end − 1, side by side, as kernels take them. */
export function keysOf(seed: number, purpose: string, begin: number, end: number): Int32Array {
  if (known.seed !== seed) Object.assign(known, { seed, keys: new Map() })
  const kept = known.keys.get(purpose) ?? new Int32Array()
  if (kept.length >= 2 * end) return kept.subarray(2 * begin, 2 * end)
  const keys = new Int32Array(2 * end)
  keys.set(kept)
  for (let number = kept.length / 2; number < end; number++) keys.set(derive(seed, purpose, number), 2 * number)
  known.keys.set(purpose, keys)
  return keys.subarray(2 * begin)
}

/** How much each of n seeds counts in a sample; they add up to 1. */
function drawSeeds(seed: number, sample: number, n: number): Float64Array {
  const weights = new Float64Array(n)
  const random = randomStream(derive(seed, 'bootstrap seeds', sample, n))
  for (let draw = 1; draw < n; draw++) weights[random.below(n)] += 1 / (n - 1)
  return weights
}

/** Between the (1 ± level) / 2 quantiles of what was drawn. */
export function percentileInterval(values: Float64Array, level: number): Interval {
  const sorted = values.toSorted()
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) }
}

/** @param sorted ascending. @source Hyndman & Fan, The American Statistician 50 (1996), definition 7 */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}
