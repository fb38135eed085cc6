/** Bootstrap intervals of means over users, and over seeds where a method has several. */
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
  breathe: Breather = async () => {},
): Promise<Float64Array[]> {
  const users = methods[0]?.[0].length ?? 0
  const means = methods.map(() => new Float64Array(resamples))
  const drawn = new Int32Array(users)
  const columns = methods.reduce((sum, { length }) => sum + length, 0)
  const samplesInBreath = Math.max(1, Math.floor(BREATH / Math.max(1, users * columns)))
  const sizes = new Set(methods.map(({ length }) => length))
  for (let sample = 0; sample < resamples; sample++) {
    if (sample % samplesInBreath === 0) await breathe(sample, resamples)
    const random = randomStream(derive(seed, 'bootstrap', sample))
    for (let at = 0; at < users; at++) drawn[at] = random.below(users)
    const weights = new Map(Array.from(sizes, size => [size, drawSeeds(seed, sample, size)]))
    methods.forEach((own, index) => {
      means[index][sample] = weightedMean(own, weights.get(own.length)!, drawn)
    })
  }
  return means
}

/** How much each of n seeds counts in a sample; they add up to 1. */
function drawSeeds(seed: number, sample: number, n: number): Float64Array {
  const weights = new Float64Array(n)
  if (n === 1) return weights.fill(1)
  const random = randomStream(derive(seed, 'bootstrap seeds', sample, n))
  for (let draw = 1; draw < n; draw++) weights[random.below(n)] += 1 / (n - 1)
  return weights
}

function weightedMean(columns: SeedColumns, weights: Float64Array, drawn: Int32Array): number {
  let mean = 0
  columns.forEach((column, seed) => {
    if (weights[seed] === 0) return
    let sum = 0
    for (let at = 0; at < drawn.length; at++) sum += column[drawn[at]]
    mean += (weights[seed] * sum) / drawn.length
  })
  return mean
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
