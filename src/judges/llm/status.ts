/** Where a job stands, by its ledger. */
import { setImmediate } from 'node:timers/promises'
import { NEGATIVE, POSITIVE } from '../judge.ts'
import type { Spending } from './ledger.ts'
import type { Interview } from './llm-judge.ts'
import { costOf, type Price } from './prices.ts'
import type { Question } from './questions.ts'

export interface JobStatus extends Pick<Spending, 'spent' | 'reserved' | 'answers'> {
  /** different prompts; those answered, follow-ups included; those that are left */
  readonly prompts: number
  readonly done: number
  readonly open: number
  /** verdicts on the candidates of the prompts that are done */
  readonly positive: number
  readonly negative: number
  readonly invalid: number
  /** what is wrong with answers, by kind */
  readonly faults: Readonly<Record<string, number>>
  /** tries that failed and were made again, by kind */
  readonly failedTries: Readonly<Record<string, number>>
  /** undefined when the price is unknown; projected when nothing is done yet */
  readonly cost?: number
  readonly projectedCost?: number
}

const AT_ONCE = 256

export async function jobStatus(
  { distinct, resolver, ledger }: Interview,
  model: string,
  price?: Price,
): Promise<JobStatus> {
  const count = { done: 0, positive: 0, negative: 0, invalid: 0 }
  const faults: Record<string, number> = {}
  for (const [index, question] of distinct.entries()) {
    if (index % AT_ONCE === 0) await setImmediate()
    const resolution = resolver.resolve(question)
    for (const { fault } of resolution.faults) faults[fault] = (faults[fault] ?? 0) + 1
    if (resolution.open) continue
    count.done++
    for (const label of resolution.labels)
      count[label === POSITIVE ? 'positive' : label === NEGATIVE ? 'negative' : 'invalid']++
  }
  // what a process that was killed had in flight is in flight no more
  ledger.sweep()
  const { answers, spent, reserved } = ledger.spending(model)
  const cost = price && costOf(spent, price)
  return {
    prompts: distinct.length,
    ...count,
    open: distinct.length - count.done,
    faults,
    failedTries: ledger.faults(model),
    answers,
    spent,
    reserved,
    ...(cost !== undefined && { cost }),
    ...(cost !== undefined && count.done > 0 && { projectedCost: (cost * distinct.length) / count.done }),
  }
}

export const retryKinds = ['invalid', 'truncated', 'errors'] as const
export type RetryKind = (typeof retryKinds)[number]

/**
 * Marks answers to be asked again: those without a valid verdict for a candidate, those that were cut off and could not be
 * made whole, or prompts that got no answer.
 * @returns how many
 */
export function markForRetry(
  { distinct, resolver, ledger }: Pick<Interview, 'distinct' | 'resolver' | 'ledger'>,
  only: RetryKind,
): number {
  const kindOf = (fault: string): RetryKind =>
    fault === 'truncated' ? 'truncated' : fault === 'error' || fault === 'overflow' ? 'errors' : 'invalid'
  const ids = new Set<Question['id']>()
  for (const question of distinct)
    for (const { fault, id } of resolver.resolve(question).faults) if (kindOf(fault) === only) ids.add(id)
  for (const id of ids) ledger.retry(id)
  return ids.size
}
