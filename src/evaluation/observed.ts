/**
 * What was observed before test, as data that models may be fitted on and ranked from. It is handed out once everything has
 * been chosen: from then on nothing can be measured by the validation data, which is in it.
 */

import { joined, rowOfEntry } from '../dataset/csr.ts'
import { createDataset, type Dataset, pairsOf } from '../dataset/dataset.ts'
import type { Split } from '../dataset/split.ts'
import { type HeldOut, openTruth, type Truth } from '../dataset/truth.ts'
import { RunError } from '../errors.ts'

const closed = new WeakSet<Truth>()

/**
 * Train and validation together. Ends the choosing: nothing is evaluated on the validation data of this split from now on. Only
 * what runs after the last choice may call it; a test has the list.
 */
export function observedBeforeTest(split: Split): Dataset {
  closed.add(split.valid)
  return withHeldOut(split.train, openTruth(split.valid))
}

/** Everything: what a model that will be served is fitted on. Nothing can be measured afterwards. */
export function everythingObserved(split: Split): Dataset {
  closed.add(split.valid)
  closed.add(split.test)
  const test = openTruth(split.test)
  return withHeldOut(split.train, openTruth(split.valid), test, ...(test.given ? [test.given] : []))
}

/** @throws RunError when models may have been fitted on the interactions */
export function assertHeldOut(truth: Truth): void {
  if (closed.has(truth))
    throw new RunError(
      'nothing can be measured on this part of the data any more: it was handed out as observed, and models may have been fitted on it',
    )
}

/** Times stay where all parts have them, weights where train has them; held-out interactions weigh 1. */
function withHeldOut(train: Dataset, ...parts: readonly HeldOut[]): Dataset {
  const known = pairsOf(train)
  const { timestamps, weights, timeKind } = known
  const ordered = timestamps && parts.every(part => part.timestamps)
  const join = (own: ArrayLike<number>, of: (part: HeldOut) => ArrayLike<number>) =>
    joined([own, ...parts.map(of)], Float64Array)
  const pairs = {
    users: join(known.users, rowOfEntry),
    items: join(known.items, part => part.indices),
    ...(ordered && { timestamps: join(timestamps, part => part.timestamps!), ...(timeKind && { timeKind }) }),
    ...(weights && { weights: join(weights, part => new Float32Array(part.indices.length).fill(1)) }),
  }
  return createDataset(pairs, train.userIds, train.itemIds)
}
