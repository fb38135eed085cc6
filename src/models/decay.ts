/** Recency: what is long ago counts less in a history. */
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import type { Histories } from '../dataset/histories.ts'
import type { KernelMemory } from '../kernels/interface/kernels.ts'
import { number, positive } from '../options.ts'
import { power, wholePower } from '../powers.ts'

/** Of every model that takes histories. */
export const decayOptions = z.object({
  decay: positive(1).default(1).describe('γ, factor per newer interaction of the user; needs an order unless 1'),
  halfLife: number(0, 1e6, 'days')
    .default(0)
    .describe("days after which an interaction counts half; from the user's newest; 0 for no effect of time"),
})

export type DecayOptions = z.output<typeof decayOptions>

export const NO_DECAY: DecayOptions = { decay: 1, halfLife: 0 }

/**
 * What a decay needs and the data has not, or undefined.
 * @param flags what the names of its flags begin with
 */
export function missingOrder(
  flags: string,
  { timestamps, timeKind }: Pick<Dataset, 'timestamps' | 'timeKind'>,
  { decay, halfLife }: DecayOptions,
): string | undefined {
  if (decay !== 1 && !timestamps)
    return `${flags}decay ${decay} needs the order of interactions, and the data has no times; name their column (--time), or leave it at 1`
  if (halfLife > 0 && timeKind !== 'clock')
    return `${flags}half-life ${halfLife} needs times of a clock, and the data has ${timestamps ? 'positions only' : 'none'}; use ${flags}decay, or leave it at 0`
}

/** Whether histories stay as they are. */
export function isLasting({ decay, halfLife }: DecayOptions): boolean {
  return decay === 1 && halfLife === 0
}

/**
 * The histories with what each interaction counts times γ^age · 2^(−days / half-life), the new values in kernel memory. One
 * without ages or days, whose order nobody knows, is taken as it is.
 */
export function decayed(memory: KernelMemory, histories: Histories, options: DecayOptions): Histories {
  const { indices, values: own, ages, days } = histories
  if (isLasting(options) || (!ages && !days)) return histories
  const values = memory.floats(indices.length)
  for (let entry = 0; entry < values.length; entry++) {
    const byAge = options.decay === 1 || !ages ? 1 : wholePower(options.decay, ages[entry])
    const byTime = options.halfLife === 0 || !days ? 1 : halved(days[entry] / options.halfLife)
    values[entry] = (own?.[entry] ?? 1) * byAge * byTime
  }
  return { ...histories, values }
}

/** 2^(−times) */
function halved(times: number): number {
  const whole = Math.floor(times)
  return wholePower(0.5, whole) * power(0.5, times - whole)
}
