/** Whether a judge finds what was hidden: its positives against held-out interactions that it could not know. */
import type { Pairs } from '../dataset/dataset.ts'
import { has } from '../dataset/patterns.ts'
import { openTruth, type Truth } from '../dataset/truth.ts'
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

/** What a judge was asked about: k items per user, [U × k], −1 where there are fewer. */
export interface CandidateLists {
  readonly k: number
  readonly items: Int32Array
}

/**
 * @param positives the candidates that were judged positive, each once
 * @param hidden interactions that are in no input of the judge
 */
export function judgeAccuracy(positives: Pairs, candidates: CandidateLists, hidden: Truth): JudgeAccuracy {
  const truth = openTruth(hidden)
  const asked = pairsOfLists(candidates)
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

function pairsOfLists({ k, items }: CandidateLists): Pairs {
  const filled: number[] = []
  items.forEach((item, at) => {
    if (item >= 0) filled.push(at)
  })
  return { users: filled.map(at => Math.floor(at / k)), items: filled.map(at => items[at]) }
}

function countIn(pattern: CsrPattern, { users, items }: Pairs): number {
  let count = 0
  for (let at = 0; at < users.length; at++) if (has(pattern, users[at], items[at])) count++
  return count
}
