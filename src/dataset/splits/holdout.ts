/** Which interactions train, which validate and which test. */
import { UsageError } from '../../errors.ts'
import { formatCount, level, plural } from '../../numbers.ts'
import { derive, philox } from '../../random.ts'
import type { TimeKind } from '../dataset.ts'
import { type Interactions, select } from '../interactions.ts'
import type { SourceOptions, SplitName } from '../source.ts'
import type { Parts } from './assemble.ts'

export const TRAIN = 0
export const VALID = 1
export const TEST = 2

export type Shares = Pick<SourceOptions, 'validShare' | 'testShare'>

/** TRAIN, VALID or TEST for each interaction. */
export type Assignment = Uint8Array

/**
 * Holds out parts of `whole` in the way `how` says.
 * @param whole sorted by user and item, each pair once
 * @param timeKind what its times are
 * @throws UsageError when the way needs times that there are not
 */
export function holdOut(
  label: string,
  whole: Interactions,
  timeKind: TimeKind | undefined,
  how: Exclude<SplitName, 'given'>,
  settings: SourceOptions,
  decide: (sentence: string) => void,
): Parts {
  const { splitSeed: seed, validShare, testShare, ties } = settings
  const shares = `${level(validShare, 3)} to validate, ${level(testShare, 3)} to test`
  if (how === 'random') {
    const timed = {
      clock: '; times are not used: --split leave-one-out, per-user-time or global-time hold out the latest',
      position: '; the order is not used: --split leave-one-out or per-user-time hold out the last',
    }
    const other = whole.times ? timed[timeKind ?? 'clock'] : ''
    decide(`Split at random with seed ${seed}: ${shares}${other}.`)
    return divide(whole, holdOutRandom(whole, settings, seed))
  }
  if (how === 'new-users') {
    decide(
      `Split by users with seed ${seed}: ${level(testShare, 3)} of the users are never in train; the ${whole.times ? 'earlier' : 'random'} half of their history is given at test, the rest is to test. ` +
        `${level(validShare, 3)} of the other users' interactions are drawn to validate.`,
    )
    return holdOutUsers(whole, settings, seed)
  }
  if (!whole.times)
    throw new UsageError(
      `--split ${how} needs times, and ${label} has none; name their column with --time, or use --split random`,
    )
  const timed = { ...whole, times: whole.times }
  const tieDraws = ties === 'seed' ? drawsOf(whole, seed, 'ties') : undefined
  if (how === 'global-time') {
    if (timeKind === 'position')
      throw new UsageError(
        `--split global-time needs a clock that all users share, and ${label} has positions in each user's sequence only; use --split per-user-time or leave-one-out`,
      )
    decide(`Split by time, ${shares}: the latest are held out.`)
    const { parts, atCuts } = holdOutLatest(timed.times, settings, tieDraws)
    if (atCuts > 0)
      decide(describeTies(`share the time at a cut with interactions on its other side`, atCuts, whole, settings))
    return divide(whole, parts)
  }
  const [assignment, what] =
    how === 'per-user-time'
      ? [
          holdOutLatestOfEachUser(timed, settings, tieDraws),
          `Split by each user's time, ${shares}: the latest of each are held out, rounded to whole interactions.`,
        ]
      : [
          leaveOneOut(timed, tieDraws),
          `Split leave-one-out: each user's last ${ties === 'session' ? 'session' : 'interaction'} to test, last but one to validate; users with fewer than 3 only train.`,
        ]
  decide(what)
  const tied = countTies(timed)
  if (tied > 0) decide(describeTies('have the time of another one of their user', tied, whole, settings))
  return divide(whole, assignment)
}

function describeTies(what: string, count: number, whole: Interactions, { ties, splitSeed }: SourceOptions): string {
  const way =
    ties === 'seed'
      ? `their order is drawn with seed ${splitSeed} (--ties session keeps them together)`
      : 'they stay together, as sets without order'
  return `${plural(count, 'interaction')} of ${formatCount(whole.users.length)} ${what}: ${way}.`
}

/** How many interactions have the time of another of their user. */
function countTies({ users, times }: Timed): number {
  let tied = 0
  for (let start = 0, end = 0; start < users.length; start = end) {
    while (end < users.length && users[end] === users[start]) end++
    const sorted = times.slice(start, end).sort()
    for (let at = 0; at < sorted.length; at++)
      if (sorted[at] === sorted[at - 1] || sorted[at] === sorted[at + 1]) tied++
  }
  return tied
}

/**
 * Parts as files give them: train, (valid,) test. Without valid, a share of train is taken for it.
 * @throws UsageError when the latest are to be taken and there are no times
 */
export function givenParts(
  parts: readonly Interactions[],
  settings: SourceOptions,
  decide: (sentence: string) => void,
): Parts {
  if (parts.length === 3) {
    decide('The parts are those of the files.')
    if (parts[0].times && !parts[1].times)
      decide('The valid file has no order of interactions, so what is made from train + valid has none either.')
    return { train: parts[0], valid: parts[1], test: parts[2] }
  }
  const { splitSeed: seed, validShare, validFrom } = settings
  const [train, test] = parts
  const shares = { validShare, testShare: 0 }
  const taken = `There is no valid file: ${level(validShare, 3)} of`
  if (validFrom === 'all') {
    decide(`${taken} train is drawn at random with seed ${seed} to validate; test is as given.`)
    const drawn = divide(train, holdOutRandom(train, shares, seed))
    return { train: drawn.train, valid: drawn.valid, test }
  }
  if (validFrom === 'user-latest' && !train.times)
    throw new UsageError(
      '--valid-from user-latest needs the order of interactions, and the files have no times: name their column (--time), say that lines are in order (--format sequences), or take --valid-from user',
    )
  const latest = validFrom === 'user-latest'
  decide(
    `${taken} each user's interactions, ${latest ? 'the latest' : `drawn at random with seed ${seed}`}, validate, rounded to whole interactions; test is as given.`,
  )
  const times = latest ? train.times! : drawsOf(train, seed, 'split')
  const drawn = divide(train, holdOutLatestOfEachUser({ ...train, times }, shares, drawsOf(train, seed, 'ties')))
  return { train: drawn.train, valid: drawn.valid, test }
}

/**
 * Positions that restart in each file are continued from file to file, in place: what a later file has of a user came after.
 * @param parts whose times are positions
 */
export function continuePositions(
  parts: readonly Interactions[],
  userCount: number,
  decide: (sentence: string) => void,
): void {
  const next = new Float64Array(userCount)
  for (const { users, times } of parts) {
    const from = next.slice()
    // a part without an order has nothing to continue
    users.forEach((user, row) => {
      if (!times) return
      times[row] += from[user]
      next[user] = Math.max(next[user], times[row] + 1)
    })
  }
  decide('Positions continue from file to file: what valid and test have of a user came after what train has.')
}

function divide(whole: Interactions, assignment: Assignment): Parts {
  const part = (which: number) => select(whole, row => assignment[row] === which)
  return { train: part(TRAIN), valid: part(VALID), test: part(TEST) }
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
  for (let start = 0, end = 0; start < users.length; start = end) {
    while (end < users.length && users[end] === users[start]) end++
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

function drawsOf({ users, items }: Interactions, seed: number, purpose: string): Float64Array {
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
  const atCut = (cut: number) => [cut - 1, cut].map(rank => selectRank(ordered, rank))
  const cuts = [testFrom, validFrom].map(atCut)
  const [[belowTest], [belowValid]] = cuts
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
 * @source Hoare: "Algorithm 65: Find", CACM 4 (1961)
 */
function selectRank(values: Float64Array, rank: number): number {
  let [low, high] = [0, values.length - 1]
  while (low < high) {
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

type Timed = Interactions & { readonly times: Float64Array }

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
  for (let start = 0, end = 0; start < users.length; start = end) {
    while (end < users.length && users[end] === users[start]) end++
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
