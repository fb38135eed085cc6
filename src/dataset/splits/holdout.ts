/** Which interactions train, which validate and which test. */
import { UsageError } from '../../errors.ts'
import { formatCount, level, plural } from '../../numbers.ts'
import type { TimeKind } from '../dataset.ts'
import type { Interactions } from '../interactions.ts'
import type { SourceOptions, SplitName } from '../source.ts'
import type { Parts } from './assemble.ts'
import {
  divide,
  drawsOf,
  holdOutLatest,
  holdOutLatestOfEachUser,
  holdOutRandom,
  holdOutUsers,
  leaveOneOut,
  rangesOf,
  type Timed,
} from './cuts.ts'

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
  for (const [start, end] of rangesOf(users)) {
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
  const hint = hintOfShare(validShare, test.users.length / (train.users.length + test.users.length))
  if (validFrom === 'all') {
    decide(`${taken} train is drawn at random with seed ${seed} to validate; test is as given.${hint}`)
    const drawn = divide(train, holdOutRandom(train, shares, seed))
    return { train: drawn.train, valid: drawn.valid, test }
  }
  if (validFrom === 'user-latest' && !train.times)
    throw new UsageError(
      '--valid-from user-latest needs the order of interactions, and the files have no times: name their column (--time), say that lines are in order (--format sequences), or take --valid-from user',
    )
  const latest = validFrom === 'user-latest'
  decide(
    `${taken} each user's interactions, ${latest ? 'the latest' : `drawn at random with seed ${seed}`}, validate, rounded to whole interactions; test is as given.${hint}`,
  )
  const times = latest ? train.times! : drawsOf(train, seed, 'split')
  const drawn = divide(train, holdOutLatestOfEachUser({ ...train, times }, shares, drawsOf(train, seed, 'ties')))
  return { train: drawn.train, valid: drawn.valid, test }
}

/** What is best where little is held out need not be where much is: docs/results/leaderboards.md. */
function hintOfShare(validShare: number, testShare: number): string {
  if (testShare < 1.5 * validShare) return ''
  const alike = Math.min(Math.round(100 * testShare) / 100, 0.45)
  return ` Test holds ${level(testShare, 0)} of all: --valid-share ${alike} chooses on validation data that are more like it.`
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
