/** Where a job stands, by its ledger. */
import { setImmediate } from 'node:timers/promises'
import type { Price } from '../../llm/prices.ts'
import { costSoFar } from './budget.ts'
import { addCounts, type JobCounts, NO_COUNTS, type Spending } from './ledger-records.ts'
import type { Ledger } from './ledger-store.ts'
import type { JudgeSession } from './llm-judge.ts'
import { countQuestion } from './resolve.ts'

export interface JobStatus extends JobCounts, Pick<Spending, 'spent' | 'reserved' | 'answers'> {
  /** prompts that are left */
  readonly open: number
  /** of them, those that are in batches which are not collected yet */
  readonly inBatches: number
  /** answers that were found damaged just now, and count no more */
  readonly damaged: number
  /** tries that failed and were made again, by kind */
  readonly failedTries: Readonly<Record<string, number>>
  /** undefined when the price is unknown; projected when nothing is done yet */
  readonly cost?: number
  readonly projectedCost?: number
}

const AT_ONCE = 256

/** The counts of a job: those that the ledger keeps, or all answers read. */
export async function countJob({ distinct, resolver, ledger, job }: JudgeSession): Promise<JobCounts> {
  const kept = ledger.job(job)
  if (kept) return kept
  const last = ledger.lastAnswer()
  let counts: JobCounts = { prompts: distinct.length, ...NO_COUNTS }
  for (const [index, question] of distinct.entries()) {
    if (index % AT_ONCE === 0) await setImmediate()
    counts = addCounts(counts, countQuestion(resolver.resolve(question)))
  }
  ledger.setJob(job, counts, last)
  return counts
}

export function jobStatus(ledger: Ledger, counts: JobCounts, model: string, price?: Price): JobStatus {
  // what a process that was killed had in flight is in flight no more
  ledger.sweep()
  const spending = ledger.spending(model)
  const { answers, spent, reserved } = spending
  const cost = price && costSoFar(spending, price)
  const batches = ledger.openBatches().filter(batch => batch.model === model)
  return {
    ...counts,
    open: counts.prompts - counts.done,
    inBatches: batches.reduce((sum, { requests }) => sum + requests, 0),
    damaged: ledger.damaged(),
    failedTries: ledger.faults(model),
    answers,
    spent,
    reserved,
    ...(cost !== undefined && { cost }),
    ...(cost !== undefined && counts.done > 0 && { projectedCost: (cost * counts.prompts) / counts.done }),
  }
}
