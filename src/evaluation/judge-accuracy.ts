/** Whether a judge finds what was hidden: its positives against held-out interactions that it could not know. */
import type { Pairs } from '../dataset/dataset.ts'
import { has } from '../dataset/patterns.ts'
import { openTruth, type Truth } from '../dataset/truth.ts'
import { type Candidates, candidatePairs } from '../judges/judge.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'

export interface JudgeAccuracy {
  /** pairs judged */
  readonly candidates: number
  /** pairs judged positive */
  readonly positives: number
  /** candidates that are hidden interactions */
  readonly hidden: number
  /** judged positive, and hidden interactions */
  readonly found: number
  /** found / positives; NaN without positives */
  readonly precision: number
  /** found / hidden; NaN when no candidate is a hidden interaction */
  readonly recall: number
  /** hidden / candidates: the precision of a judge that accepts everything */
  readonly baseRate: number
}

/**
 * @param positives the candidates that were judged positive, each once
 * @param hidden interactions that are in no input of the judge
 */
export function judgeAccuracy(
  positives: Pairs,
  candidates: Pick<Candidates, 'k' | 'items'>,
  hidden: Truth,
): JudgeAccuracy {
  const truth = openTruth(hidden)
  const asked = candidatePairs(candidates)
  const found = countIn(truth, positives)
  const all = countIn(truth, asked)
  return {
    candidates: asked.users.length,
    positives: positives.users.length,
    hidden: all,
    found,
    precision: found / positives.users.length,
    recall: found / all,
    baseRate: all / asked.users.length,
  }
}

function countIn(pattern: CsrPattern, { users, items }: Pairs): number {
  let count = 0
  for (let at = 0; at < users.length; at++) if (has(pattern, users[at], items[at])) count++
  return count
}
