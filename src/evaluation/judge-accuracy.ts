/** Whether a judge finds what was hidden: its positives against held-out interactions that it could not know. */
import type { Pairs } from '../dataset/dataset.ts'
import { has } from '../dataset/patterns.ts'
import { openTruth, type Truth, truthShape } from '../dataset/truth.ts'
import { UsageError } from '../errors.ts'
import { type Candidates, candidatePairs } from '../judges/judge.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { candidates as candidatesShape, checkRequest, pairs } from '../requests.ts'

const FIELDS = { positives: pairs, candidates: candidatesShape, hidden: truthShape }

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
 * @throws UsageError for candidates of other users than `hidden` has
 */
export function judgeAccuracy(
  positives: Pairs,
  candidates: Pick<Candidates, 'k' | 'items'>,
  hidden: Truth,
): JudgeAccuracy {
  checkRequest('judgeAccuracy', FIELDS, { positives, candidates, hidden })
  const { k, items } = candidates
  if (items.length !== hidden.users * k)
    throw new UsageError(
      `judgeAccuracy: candidates: expected ${k} places for each of ${hidden.users} users, got ${items.length}`,
    )
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
