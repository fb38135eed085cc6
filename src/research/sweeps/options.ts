/** How a search is made. */
import { z } from 'zod'
import { UsageError } from '../../errors.ts'
import { integer } from '../../options.ts'

export const sweepOptions = z.object({
  trials: integer(1, 100_000, 'trials').default(40).describe('settings to try'),
  budget: z
    .string()
    .default('')
    .describe(
      'time after which no further training begins, such as 2h, 30m or 90s, over all sessions; no limit if empty',
    ),
  metric: z
    .string()
    .regex(/^[a-z-]+@\d+$/, 'expected a metric and a cut-off such as ndcg@20')
    .default('ndcg@20')
    .describe('what is maximised, on validation data'),
  rungs: integer(1, 10, 'rungs')
    .default(3)
    .describe('steps of successive halving, the last being all epochs; 1 trains every trial whole'),
  reduction: integer(2, 100)
    .default(3)
    .describe('η: one of η trials is promoted to the next rung, with η times the epochs'),
  searchSeed: integer(0, 2 ** 31 - 1)
    .default(1)
    .describe('seed of the values that are drawn'),
})

export type SweepOptions = z.output<typeof sweepOptions>

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** @returns seconds; Infinity for an empty text. @throws UsageError with what is expected */
export function parseBudget(text: string): number {
  if (text === '') return Number.POSITIVE_INFINITY
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  if (amount === undefined)
    throw new UsageError(`budget "${text}": expected a number and a unit, such as 2h, 30m or 90s`)
  return Number(amount) * UNITS[unit]
}
