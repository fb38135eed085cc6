/** What a job has come to, question by question. */
import { INVALID, NEGATIVE, POSITIVE } from '../judge.ts'
import type { JobCounts } from './ledger.ts'
import type { Resolution } from './resolve.ts'

/** What one question, with those that follow it up, adds to the counts of its job. */
export function countQuestion({ open, labels, faults }: Resolution): Omit<JobCounts, 'prompts'> {
  if (open) return { done: 0, positive: 0, negative: 0, invalid: 0, faults: {} }
  const byFault: Record<string, number> = {}
  for (const { fault } of faults) byFault[fault] = (byFault[fault] ?? 0) + 1
  const count = (label: number) => labels.reduce((sum, own) => sum + Number(own === label), 0)
  return { done: 1, positive: count(POSITIVE), negative: count(NEGATIVE), invalid: count(INVALID), faults: byFault }
}

export function addCounts<T extends Omit<JobCounts, 'prompts'>>(counts: T, more: Omit<JobCounts, 'prompts'>): T {
  const faults = { ...counts.faults }
  for (const [kind, count] of Object.entries(more.faults)) faults[kind] = (faults[kind] ?? 0) + count
  const { done, positive, negative, invalid } = counts
  return {
    ...counts,
    done: done + more.done,
    positive: positive + more.positive,
    negative: negative + more.negative,
    invalid: invalid + more.invalid,
    faults,
  }
}
