import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createSplit } from '../../src/dataset/split.ts'
import { evaluatedUsers, observed, releasedSeen, seenAt, withoutHeldOut } from '../../src/evaluation/protocols.ts'
import type { CsrPattern } from '../../src/kernels/interface/kernels.ts'

const pattern = (offsets: number[], indices: number[]): CsrPattern => ({
  offsets: Int32Array.from(offsets),
  indices: Int32Array.from(indices),
})
const train = createDataset(
  { users: [0, 0, 1, 2], items: [1, 4, 0, 3] },
  createVocabulary([0, 1, 2]),
  createVocabulary([0, 1, 2, 3, 4]),
)
// valid: user 0 holds out 2, user 2 holds out 0 and 3, which is in train too; test: user 0 holds out 0, user 1 3 and 4
const split = createSplit(train, pattern([0, 1, 1, 3], [2, 0, 3]), pattern([0, 1, 3, 3], [0, 3, 4]))

const rows = ({ offsets, indices }: CsrPattern) =>
  [0, 1, 2].map(row => [...indices.subarray(offsets[row], offsets[row + 1])])

describe('masks', () => {
  it('strict: train at validation, train and valid at test, or train alone when asked', () => {
    expect(rows(seenAt('valid', split))).toEqual([[1, 4], [0], [3]])
    expect(rows(seenAt('test', split))).toEqual([[1, 2, 4], [0], [0, 3]])
    expect(rows(seenAt('test', split, 'train'))).toEqual([[1, 4], [0], [3]])
  })

  it('serving: all that was observed', () => {
    expect(rows(observed(split))).toEqual([
      [0, 1, 2, 4],
      [0, 3, 4],
      [0, 3],
    ])
  })

  it('released: train and the judged positives, each pair once', () => {
    expect(rows(releasedSeen(split, { users: [2, 0, 0], items: [4, 1, 0] }))).toEqual([[0, 1, 4], [0], [3, 4]])
  })

  it('leave their inputs alone', () => {
    expect(rows(train.byUser)).toEqual([[1, 4], [0], [3]])
  })
})

describe('released protocol', () => {
  it('takes what is in valid or test out of the judged positives, with its weight', () => {
    const pairs = { users: [0, 0, 0, 1, 2], items: [0, 2, 3, 3, 1], weights: [0.1, 0.2, 0.3, 0.4, 0.5] }
    const kept = withoutHeldOut(pairs, split)
    expect([...Array.from(kept.users)]).toEqual([0, 2])
    expect([...Array.from(kept.items)]).toEqual([3, 1])
    expect(kept.weights).toEqual(Float32Array.from([0.3, 0.5]))
    expect(withoutHeldOut({ users: [0], items: [0] }, split)).toEqual({
      users: new Int32Array(0),
      items: new Int32Array(0),
    })
  })

  it('gives candidates to test users', () => {
    expect([...evaluatedUsers(split.test)]).toEqual([0, 1])
  })
})
