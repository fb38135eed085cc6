/**
 * The statistical trace of held-out data: who may not know it cannot avoid it. Pairs that were chosen from train alone
 * hit what is held out at least as often as chance does; a set that never hits was filtered by it.
 */
import { has, union } from '../dataset/patterns.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { formatCount } from '../numbers.ts'
import { describeChance, hypergeometricLowerTail, poissonLowerTail } from './chance.ts'
import { type Check, countPairs, countShared, type Finding, skipped, withoutPairs } from './check.ts'
import type { LeakageData } from './data.ts'

/** log₁₀ of a chance below which a judge that is merely bad is no explanation. */
const RARE = -9

export const enhancedFiltered: Check = {
  name: 'enhanced-filtered',
  summary: 'The judged pairs hit held-out data at least as often as their candidates do.',
  run(data) {
    const { train, enhanced, candidates } = data.parts
    if (!enhanced) return skipped('needs --enhanced')
    const judged = withoutPairs(enhanced.pairs, train.pairs)
    const asked = candidates && withoutPairs(candidates.pairs, train.pairs)
    return findTrace('judged pairs', judged, heldOut(data), asked)
  },
}

export const candidatesFiltered: Check = {
  name: 'candidates-filtered',
  summary: 'The candidates hit held-out data at least as often as popularity alone does.',
  run(data) {
    const { train, candidates } = data.parts
    if (!candidates) return skipped('needs --candidates')
    return findTrace('candidates', withoutPairs(candidates.pairs, train.pairs), heldOut(data))
  },
}

/** What no one may know before the evaluation: valid and test together. */
export function heldOut({ parts: { valid, test } }: LeakageData): CsrPattern {
  return valid ? union(valid.pairs, test.pairs) : test.pairs
}

/**
 * Compares the held-out pairs in a set with what chance would give.
 * @param set pairs that are not in train
 * @param pool what the set was chosen from; absent: each pair (u, i) is taken to be held out with the chance
 *   |held out of u| · |held out of i| / |held out|, which is popularity alone
 */
export function findTrace(what: string, set: CsrPattern, hidden: CsrPattern, pool?: CsrPattern): Finding {
  const size = set.indices.length
  if (size === 0) return skipped(`there are no ${what} beyond train`)
  const observed = countShared(set, hidden)
  const { expected, chance } = pool ? byPool(set, hidden, pool) : byPopularity(set, hidden, observed)
  const figures = { pairs: size, heldOut: observed, expected, log10p: chance }
  const source = pool ? 'the candidates hold' : 'popularity gives'
  const counts = `${formatCount(observed)} of ${formatCount(size)} ${what} are held-out pairs, where ${formatCount(Math.round(expected))} are expected from what ${source} (${describeChance(chance)})`
  if (chance < RARE && observed < expected / 10)
    return { verdict: 'leak', text: `filtered by held-out data: ${counts}`, figures }
  if (expected < 10) return { verdict: 'note', text: `too few pairs to tell: ${counts}`, figures }
  return { verdict: chance < RARE ? 'note' : 'ok', text: counts, figures }
}

function byPool(set: CsrPattern, hidden: CsrPattern, pool: CsrPattern): { expected: number; chance: number } {
  const population = pool.indices.length
  const special = countShared(pool, hidden)
  const inPool = (row: number, column: number) => has(pool, row, column)
  const draws = countPairs(set, inPool)
  const observed = countPairs(set, (row, column) => inPool(row, column) && has(hidden, row, column))
  return {
    expected: (draws * special) / Math.max(1, population),
    chance: hypergeometricLowerTail(observed, population, special, draws),
  }
}

function byPopularity(set: CsrPattern, hidden: CsrPattern, observed: number): { expected: number; chance: number } {
  const ofItem = new Map<number, number>()
  for (const item of hidden.indices) ofItem.set(item, (ofItem.get(item) ?? 0) + 1)
  let sum = 0
  for (let user = 0; user + 1 < set.offsets.length; user++) {
    const ofUser = hidden.offsets[user + 1] - hidden.offsets[user]
    for (const item of columnsOf(set, user)) sum += ofUser * (ofItem.get(item) ?? 0)
  }
  const expected = sum / Math.max(1, hidden.indices.length)
  return { expected, chance: poissonLowerTail(observed, expected) }
}
