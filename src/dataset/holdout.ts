/** Which interactions train, which validate and which test. */
import { UsageError } from '../errors.ts'
import { derive, philox } from '../random.ts'
import type { Parts } from './assemble.ts'
import type { TimeKind } from './dataset.ts'
import { type Interactions, select } from './interactions.ts'
import type { SourceOptions, SplitName } from './source.ts'

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
  const { splitSeed: seed, validShare, testShare } = settings
  const shares = `${percent(validShare)} to validate, ${percent(testShare)} to test`
  if (how === 'random') {
    decide(`Split at random with seed ${seed}: ${shares}.`)
    return divide(whole, holdOutRandom(whole, settings, seed))
  }
  const { times } = whole
  if (!times)
    throw new UsageError(
      `--split ${how} needs times, and ${label} has none; name their column with --time, or use --split random`,
    )
  if (how === 'global-time') {
    if (timeKind === 'position')
      throw new UsageError(
        `--split global-time needs a clock that all users share, and ${label} has positions in each user's sequence only; use --split per-user-time or leave-one-out`,
      )
    decide(`Split by time, ${shares}: the latest are held out; equal times stay together, in the earlier part.`)
    return divide(whole, holdOutLargest(times, settings))
  }
  if (how === 'per-user-time') {
    decide(`Split by each user's time, ${shares}: the latest of each are held out, rounded to whole interactions.`)
    return divide(whole, holdOutLatestOfEachUser(whole, settings))
  }
  decide("Split leave-one-out: each user's last to test, last but one to validate; users with fewer than 3 only train.")
  return divide(whole, leaveOneOut(whole))
}

/** Parts as files give them: train, (valid,) test. Without valid, a share of train is drawn for it. */
export function givenParts(
  parts: readonly Interactions[],
  settings: SourceOptions,
  decide: (sentence: string) => void,
): Parts {
  if (parts.length === 3) {
    decide('The parts are those of the files.')
    return { train: parts[0], valid: parts[1], test: parts[2] }
  }
  const { splitSeed: seed, validShare } = settings
  decide(
    `There is no valid file: ${percent(validShare)} of train is drawn at random with seed ${seed} to validate; test is as given.`,
  )
  const drawn = divide(parts[0], holdOutRandom(parts[0], { validShare, testShare: 0 }, seed))
  return { train: drawn.train, valid: drawn.valid, test: parts[1] }
}

function divide(whole: Interactions, assignment: Assignment): Parts {
  const part = (which: number) => select(whole, row => assignment[row] === which)
  return { train: part(TRAIN), valid: part(VALID), test: part(TEST) }
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`
}

/**
 * By a random number for each pair, a function of the seed and of the pair's codes: the order of rows has no part in it.
 * @param interactions each pair once
 */
export function holdOutRandom({ users, items }: Interactions, shares: Shares, seed: number): Assignment {
  const key = derive(seed, 'split')
  const words = new Uint32Array(4)
  const draws = new Float64Array(users.length)
  for (let row = 0; row < draws.length; row++) {
    philox(key, users[row], items[row], 0, 0, words)
    // 53 bits: two pairs with the same number are not to be expected
    draws[row] = (words[0] >>> 5) * 0x400_0000 + (words[1] >>> 6)
  }
  return holdOutLargest(draws, shares)
}

/**
 * The largest values test, the next ones validate. Where a cut falls among equal values, all go to the earlier part.
 * @param values of each interaction: its time, or a random number
 */
export function holdOutLargest(values: Float64Array, { validShare, testShare }: Shares): Assignment {
  const count = values.length
  const sorted = values.slice().sort()
  const testFrom = count - Math.round(count * testShare)
  const validFrom = testFrom - Math.round(count * validShare)
  const beforeTest = sorted[testFrom - 1]
  const beforeValid = sorted[validFrom - 1]
  const parts = new Uint8Array(count)
  for (let row = 0; row < count; row++) {
    if (values[row] > beforeTest) parts[row] = TEST
    else if (values[row] > beforeValid) parts[row] = VALID
  }
  return parts
}

/** By the user's own clock: its last share tests, the one before validates, rounded; a user's first always trains. */
export function holdOutLatestOfEachUser(sorted: Interactions, { validShare, testShare }: Shares): Assignment {
  return eachHistory(sorted, length => {
    const test = Math.min(Math.round(length * testShare), length - 1)
    return { test, valid: Math.min(Math.round(length * validShare), length - 1 - test) }
  })
}

/** Each user's last tests, the last but one validates; users with fewer than 3 only train. */
export function leaveOneOut(sorted: Interactions): Assignment {
  return eachHistory(sorted, length => (length < 3 ? { test: 0, valid: 0 } : { test: 1, valid: 1 }))
}

/**
 * Holds out the end of each user's history. Of equal times, the item that comes first in internal order is the earlier.
 * @param sorted by user, then item, with times
 */
function eachHistory(
  { users, times }: Interactions,
  heldOut: (length: number) => { test: number; valid: number },
): Assignment {
  const parts = new Uint8Array(users.length)
  for (let start = 0, end = 0; start < users.length; start = end) {
    while (end < users.length && users[end] === users[start]) end++
    const history = Array.from({ length: end - start }, (_, index) => start + index)
    history.sort((a, b) => times![a] - times![b] || a - b)
    const { test, valid } = heldOut(history.length)
    for (const row of history.slice(history.length - test)) parts[row] = TEST
    for (const row of history.slice(history.length - test - valid, history.length - test)) parts[row] = VALID
  }
  return parts
}
