/** How much of a candidate's path its user's history shares: what the prefix rule and the report go by. */
import { setImmediate } from 'node:timers/promises'
import type { CsrPattern, Kernels } from '../kernels/interface/kernels.ts'
import type { ViewCodes } from '../trees/codes.ts'
import { type Candidates, type JudgeControl, NO_CANDIDATE, POSITIVE } from './judge.ts'

const USERS_AT_ONCE = 4096

/**
 * The longest prefix that each candidate's code shares with that of any item in the user's history, the better of the
 * two views: [U × N], 0 where there is no candidate.
 * @param history user → items
 */
export function bestSharedPrefix(
  candidates: Candidates,
  codes: ViewCodes,
  history: CsrPattern,
  kernels: Kernels,
  { signal, progress }: JudgeControl = {},
): Promise<Int32Array> {
  const { memory } = kernels
  return memory.scope(async () => {
    const { items, k } = candidates
    const users = history.offsets.length - 1
    const pattern = { offsets: memory.copy(history.offsets), indices: memory.copy(history.indices) }
    const views = [codes.structural, codes.semantic].map(({ depth, values }) => ({
      depth,
      values: memory.copy(values),
    }))
    const best = new Int32Array(items.length)
    for (let first = 0; first < users; first += USERS_AT_ONCE) {
      signal?.throwIfAborted()
      const last = Math.min(users, first + USERS_AT_ONCE)
      memory.scope(() => {
        const rows = memory.copy(Int32Array.from({ length: last - first }, (_, row) => first + row))
        const block = memory.copy(items.subarray(first * k, last * k))
        const lengths = memory.ints(block.length)
        for (const view of views) {
          kernels.longestSharedPrefix(view, pattern, rows, block, lengths)
          for (let i = 0; i < lengths.length; i++) best[first * k + i] = Math.max(best[first * k + i], lengths[i])
        }
      })
      progress?.(last, users)
      await setImmediate()
    }
    return best
  })
}

/** The candidates with one best shared prefix, and how many of them were judged positive. */
export interface PrefixRate {
  readonly prefix: number
  readonly candidates: number
  readonly positives: number
}

/** Candidates and positives by best shared prefix, 0 to `depth` of the deeper tree: how a judge weighs the codes. */
export function rateByPrefix(labels: Int8Array, sharedPrefix: Int32Array, depth: number): PrefixRate[] {
  const rates = Array.from({ length: depth + 1 }, (_, prefix) => ({ prefix, candidates: 0, positives: 0 }))
  sharedPrefix.forEach((prefix, place) => {
    if (labels[place] === NO_CANDIDATE) return
    rates[prefix].candidates++
    if (labels[place] === POSITIVE) rates[prefix].positives++
  })
  return rates
}

/** Length of the longest code in either view. */
export function deepest({ structural, semantic }: ViewCodes): number {
  return Math.max(structural.depth, semantic.depth)
}
