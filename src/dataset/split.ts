/** What the stages before evaluation may know (`train`), and what only evaluation may open. */
import { createHash } from 'node:crypto'
import { checkRequest, dataset, pattern } from '../requests.ts'
import { buildCsr, gather } from './csr.ts'
import type { Dataset, Pairs } from './dataset.ts'
import { checkPattern } from './patterns.ts'
import { type HeldOut, sealTruth, type Truth } from './truth.ts'

/** What is held out of train, for two ends. */
export type HeldOutPart = 'valid' | 'test'

export interface Split {
  readonly train: Dataset
  readonly valid: Truth
  readonly test: Truth
  /** SHA-256 over ids and pairs of the three parts: the same data has the same hash wherever it was read from */
  readonly hash: string
}

/** Pairs of known users and items as what is sealed of a part. */
export function heldOutOf(pairs: Pick<Pairs, 'users' | 'items' | 'timestamps'>, users: number, items: number): HeldOut {
  const { pattern, order } = buildCsr(pairs.users, pairs.items, users, items)
  const { timestamps } = pairs
  return { ...pattern, ...(timestamps && { timestamps: gather(timestamps, order, Float64Array) }) }
}

/**
 * Seals the held-out parts and hashes the whole.
 * @param valid user → held-out items in the internal ids of `train`, ascending
 * @param test the same
 * @throws UsageError for rows that are not of the users and items of `train`
 */
export function createSplit(train: Dataset, valid: HeldOut, test: HeldOut): Split {
  checkRequest('createSplit', FIELDS, { train, valid, test })
  for (const [name, part] of Object.entries({ valid, test }))
    checkPattern(`createSplit: ${name}`, part, train.users, train.items)
  return {
    train,
    valid: sealTruth(valid, train.items),
    test: sealTruth(test, train.items),
    hash: hashSplit(train, valid, test),
  }
}

const FIELDS = { train: dataset, valid: pattern, test: pattern }

/** Characters that are hashed by one call, or the last id more. */
const HASHED = 1 << 12

/** SHA-256 (hex) over both vocabularies, the pairs of the three parts, their times and train's weights. */
function hashSplit(train: Dataset, valid: HeldOut, test: HeldOut): string {
  const hash = createHash('sha256')
  const columns = [train.timestamps, train.weights].map(column => column !== undefined)
  hash.update(JSON.stringify({ users: train.users, items: train.items, columns }))
  // JSON keeps 7 and "7" apart; not all ids at once, since a vocabulary may exceed the longest string there can be
  let lines = ''
  for (const { ids } of [train.userIds, train.itemIds])
    for (const id of ids) {
      lines += `${JSON.stringify(id)}\n`
      if (lines.length < HASHED) continue
      hash.update(lines)
      lines = ''
    }
  hash.update(lines)
  for (const { offsets, indices } of [train.byUser, valid, test]) hash.update(bytesOf(offsets)).update(bytesOf(indices))
  const times = [valid.timestamps, test.timestamps]
  for (const column of [train.timestamps, train.weights, ...times]) if (column) hash.update(bytesOf(column))
  const { given } = test
  if (given) hash.update('given').update(bytesOf(given.offsets)).update(bytesOf(given.indices))
  if (given?.timestamps) hash.update(bytesOf(given.timestamps))
  return hash.digest('hex')
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
