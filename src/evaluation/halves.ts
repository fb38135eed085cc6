/** Held-out interactions in two halves: one for an oracle to know, one to score on. Only studies of an oracle use it. */
import type { Pairs } from '../dataset/dataset.ts'
import { createSplit, type Split } from '../dataset/split.ts'
import { openTruth } from '../dataset/truth.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { derive, randomStream } from '../random.ts'

export interface Halves {
  /** half A, what the oracle knows */
  readonly known: Pairs
  /** half B, what is scored */
  readonly scored: Pairs
  /** train as it is; half B as its validation and as its test data, so that the original test stays closed */
  readonly split: Split
}

/**
 * Draws half A of the validation items of each user; of an odd number, a coin decides where the last one goes.
 * @param seed other seeds draw other halves
 */
export function halveValidation({ train, valid }: Split, seed: number): Halves {
  const { offsets, indices } = openTruth(valid)
  const random = randomStream(derive(seed, 'halves of validation'))
  const inA = new Uint8Array(indices.length)
  for (let user = 0; user < train.users; user++) {
    const places = Array.from({ length: offsets[user + 1] - offsets[user] }, (_, at) => offsets[user] + at)
    let left = Math.floor((places.length + Number(random.uniform() < 0.5)) / 2)
    // each place with the chance that keeps the number exact
    places.forEach((place, at) => {
      if (random.uniform() * (places.length - at) < left) {
        inA[place] = 1
        left--
      }
    })
  }
  const [known, scored] = [1, 0].map(half => pairsWhere({ offsets, indices }, place => inA[place] === half))
  const half = patternOf(scored, train.users)
  return { known, scored, split: createSplit(train, half, half) }
}

function pairsWhere({ offsets, indices }: CsrPattern, keep: (place: number) => boolean): Pairs {
  const [users, items]: number[][] = [[], []]
  for (let user = 0; user + 1 < offsets.length; user++)
    for (let place = offsets[user]; place < offsets[user + 1]; place++)
      if (keep(place)) {
        users.push(user)
        items.push(indices[place])
      }
  return { users: Int32Array.from(users), items: Int32Array.from(items) }
}

/** Pairs in the order of users, ascending items within each. */
function patternOf({ users, items }: Pairs, rows: number): CsrPattern {
  const offsets = new Int32Array(rows + 1)
  for (const user of Array.from(users)) offsets[user + 1]++
  for (let row = 0; row < rows; row++) offsets[row + 1] += offsets[row]
  return { offsets, indices: Int32Array.from(items) }
}
