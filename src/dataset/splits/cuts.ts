/** The ways to cut interactions: at random, by users, at a time, or at the end of each history. */

import { placesOf } from '../../places.ts'
import { derive, philox } from '../../random.ts'
import { type Interactions, pick, select } from '../interactions.ts'
import type { SourceOptions } from '../source.ts'
import type { Parts } from './assemble.ts'

export const TRAIN = 0
export const VALID = 1
export const TEST = 2

export type Shares = Pick<SourceOptions, 'validShare' | 'testShare'>

/** TRAIN, VALID or TEST for each interaction. */
export type Assignment = Uint8Array

export type Timed = Interactions & { readonly times: Float64Array }

export function divide(whole: Interactions, assignment: Assignment): Parts {
  const part = (which: number) => pick(whole, placesOf(assignment, which))
  return { train: part(TRAIN), valid: part(VALID), test: part(TEST) }
}

/** Where each user begins and ends, of users that ascend. */
export function* rangesOf(users: Int32Array): Generator<[start: number, end: number]> {
  for (let start = 0, end = 0; start < users.length; start = end) {
    while (end < users.length && users[end] === users[start]) end++
    yield [start, end]
  }
}

/**
 * By a random number for each pair, a function of the seed and of the pair's codes: the order of rows has no part in it.
 * @param interactions each pair once
 */
export function holdOutRandom(interactions: Interactions, shares: Shares, seed: number): Assignment {
  return holdOutLatest(drawsOf(interactions, seed, 'split'), shares).parts
}

/**
 * A share of the users, drawn by the seed, is never in train: the first half of each one's history, in time or else in an order that
 * is drawn, is given, the rest tests. Users with fewer than 2 interactions only train.
 */
export function holdOutUsers(whole: Interactions, { validShare, testShare }: Shares, seed: number): Parts {
  const { users, times } = whole
  const key = derive(seed, 'new users')
  const words = new Uint32Array(4)
  const order = drawsOf(whole, seed, 'split')
  const GIVEN = 3
  const parts = new Uint8Array(users.length)
  for (const [start, end] of rangesOf(users)) {
    philox(key, users[start], 0, 0, 0, words)
    if (end - start < 2 || words[0] / 2 ** 32 >= testShare) continue
    const rows = Array.from({ length: end - start }, (_, at) => start + at)
    rows.sort((a, b) => (times ? times[a] - times[b] : 0) || order[a] - order[b])
    rows.forEach((row, place) => {
      parts[row] = place < Math.ceil(rows.length / 2) ? GIVEN : TEST
    })
  }
  const others = select(whole, row => parts[row] === TRAIN)
  const { train, valid } = divide(others, holdOutRandom(others, { validShare, testShare: 0 }, seed))
  return {
    train,
    valid,
    test: select(whole, row => parts[row] === TEST),
    given: select(whole, row => parts[row] === GIVEN),
  }
}

export function drawsOf({ users, items }: Interactions, seed: number, purpose: string): Float64Array {
  const key = derive(seed, purpose)
  const words = new Uint32Array(4)
  const draws = new Float64Array(users.length)
  for (let row = 0; row < draws.length; row++) {
    philox(key, users[row], items[row], 0, 0, words)
    // 53 bits: two pairs with the same number are not to be expected
    draws[row] = (words[0] >>> 5) * 0x400_0000 + (words[1] >>> 6)
  }
  return draws
}

/**
 * The largest values test, the next ones validate. Where a cut falls among equal values, the draws say which are the
 * larger; without draws all go to the earlier part.
 * @param values of each interaction: its time, or a random number
 * @returns with the number of interactions whose value lies on both sides of a cut
 */
export function holdOutLatest(values: Float64Array, { validShare, testShare }: Shares, draws?: Float64Array) {
  const count = values.length
  const testFrom = count - Math.round(count * testShare)
  const validFrom = testFrom - Math.round(count * validShare)
  // not sorted: of a million values, four are needed
  const ordered = values.slice()
  let placed = 0
  const atCut = (cut: number) =>
    [cut - 1, cut].map(rank => {
      const value = selectRank(ordered, rank, placed)
      placed = Math.max(placed, rank + 1)
      return value
    })
  const cuts = [validFrom, testFrom].map(atCut)
  const [[belowValid], [belowTest]] = cuts
  const parts = new Uint8Array(count)
  const split = new Set(cuts.filter(([below, at]) => below === at).map(([, at]) => at))
  const tied: number[] = []
  for (let row = 0; row < count; row++) {
    if (split.size > 0 && split.has(values[row])) tied.push(row)
    else if (values[row] > belowTest) parts[row] = TEST
    else if (values[row] > belowValid) parts[row] = VALID
  }
  if (draws) tied.sort((a, b) => values[a] - values[b] || draws[a] - draws[b])
  for (const value of split) {
    const rows = tied.filter(row => values[row] === value)
    const first = values.reduce((below, other) => below + Number(other < value), 0)
    rows.forEach((row, index) => {
      const place = draws ? first + index : first
      parts[row] = place >= testFrom ? TEST : place >= validFrom ? VALID : TRAIN
    })
  }
  return { parts, atCuts: tied.length }
}

/**
 * The value that a sorted array would have at `rank`; undefined beyond its ends. Reorders `values` so that those before it are no larger
 * and those behind it no smaller.
 * @param placed how many of the smallest stand before the others already
 * @source Hoare: "Algorithm 65: Find", CACM 4 (1961)
 */
function selectRank(values: Float64Array, rank: number, placed: number): number {
  let [low, high] = [placed, values.length - 1]
  while (low <= rank && low < high) {
    const pivot = values[(low + high) >> 1]
    let [left, right] = [low, high]
    while (left <= right) {
      while (values[left] < pivot) left++
      while (values[right] > pivot) right--
      if (left > right) break
      const value = values[left]
      values[left++] = values[right]
      values[right--] = value
    }
    if (rank <= right) high = right
    else if (rank >= left) low = left
    else break
  }
  return values[rank]
}

/**
 * By the user's own clock: its last share tests, the one before validates, rounded; a user's first always trains.
 * @param draws which of equal times is the later; without, equal times are held out together or not at all
 */
export function holdOutLatestOfEachUser(
  sorted: Timed,
  { validShare, testShare }: Shares,
  draws?: Float64Array,
): Assignment {
  return eachHistory(sorted, draws, (sessions, length) => {
    const test = fewest(sessions, 0, Math.round(length * testShare))
    return { test, valid: fewest(sessions, test, Math.round(length * validShare)) }
  })
}

/** How many sessions before the last `skipped` come nearest to `wanted` interactions; one always stays. */
function fewest(sessions: readonly number[], skipped: number, wanted: number): number {
  let taken = 0
  let size = 0
  while (skipped + taken < sessions.length - 1) {
    const next = sessions[sessions.length - 1 - skipped - taken]
    if (Math.abs(size + next - wanted) >= Math.abs(size - wanted)) break
    size += next
    taken++
  }
  return taken
}

/** Each user's last session tests, the last but one validates; users with fewer than 3 only train. */
export function leaveOneOut(sorted: Timed, draws?: Float64Array): Assignment {
  return eachHistory(sorted, draws, ({ length }) => (length < 3 ? { test: 0, valid: 0 } : { test: 1, valid: 1 }))
}

/**
 * Holds out the last sessions of each user's history: with draws, which order equal times, each interaction is a session;
 * without, those of equal times are one.
 * @param sorted by user, then item
 * @param heldOut takes the sizes of the sessions in order, gives numbers of sessions
 */
function eachHistory(
  { users, times }: Timed,
  draws: Float64Array | undefined,
  heldOut: (sessions: readonly number[], length: number) => { test: number; valid: number },
): Assignment {
  const parts = new Uint8Array(users.length)
  for (const [start, end] of rangesOf(users)) {
    const history = Array.from({ length: end - start }, (_, index) => start + index)
    history.sort((a, b) => times[a] - times[b] || (draws ? draws[a] - draws[b] : a - b))
    const begins = history.flatMap((row, at) =>
      draws || at === 0 || times[row] !== times[history[at - 1]] ? [at] : [],
    )
    const sizes = begins.map((begin, session) => (begins[session + 1] ?? history.length) - begin)
    const { test, valid } = heldOut(sizes, history.length)
    const from = (sessions: number) => begins[begins.length - sessions] ?? history.length
    for (const row of history.slice(from(test))) parts[row] = TEST
    for (const row of history.slice(from(test + valid), from(test))) parts[row] = VALID
  }
  return parts
}
