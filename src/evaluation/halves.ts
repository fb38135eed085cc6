/** Held-out interactions in two halves: one for an oracle to know, one to score on. Only studies of an oracle use it. */
import { buildCsr, rowOfEntry } from '../dataset/csr.ts'
import { type Pairs, pickPairs } from '../dataset/dataset.ts'
import { createSplit, type Split } from '../dataset/split.ts'
import { openTruth } from '../dataset/truth.ts'
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
  const pattern = openTruth(valid)
  const { offsets, indices } = pattern
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
  const all = { users: rowOfEntry(pattern), items: indices }
  const [known, scored] = [1, 0].map(half =>
    pickPairs(all, Int32Array.from(inA.keys().filter(place => inA[place] === half))),
  )
  const half = buildCsr(scored.users, scored.items, train.users, train.items).pattern
  return { known, scored, split: createSplit(train, half, half) }
}
