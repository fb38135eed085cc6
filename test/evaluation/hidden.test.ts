import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary, type Pairs } from '../../src/dataset/dataset.ts'
import { createSplit } from '../../src/dataset/split.ts'
import { openTruth } from '../../src/dataset/truth.ts'
import { hideInteractions } from '../../src/evaluation/hidden.ts'
import { columnsOf } from '../../src/kernels/csr.ts'

const USERS = 60
const range = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
/** User u has items 0 to u mod 10, at times that tell user and item. */
const rows = Array.from({ length: USERS }, (_, user) => Array.from({ length: (user % 10) + 1 }, (_, item) => [user, item])).flat() // biome-ignore format: one line
const train = createDataset(
  {
    users: rows.map(([user]) => user),
    items: rows.map(([, item]) => item),
    timestamps: rows.map(([user, item]) => 100 * user + item),
  },
  range(USERS),
  range(12),
)
const single = (item: number) => ({
  offsets: Int32Array.from({ length: USERS + 1 }, (_, user) => user),
  indices: new Int32Array(USERS).fill(item),
})
const split = createSplit(train, single(10), single(11))
const SHARES = [0.5, 0.1, 0.25]

describe('hidden interactions', () => {
  const { beyond, split: left, hidden } = hideInteractions(split, SHARES, 1)
  const of = ({ users, items }: Pairs, user: number) =>
    Array.from(users).flatMap((own, row) => (own === user ? [items[row]] : []))

  it('are as large a share of each user as was asked for, one interaction at least left', () => {
    for (let user = 0; user < USERS; user++) {
      const own = (user % 10) + 1
      const [all, kept] = [of(beyond.get(0)!, user), [...columnsOf(left.train.byUser, user)]]
      expect([...all, ...kept].sort()).toEqual([...columnsOf(train.byUser, user)].sort())
      expect(kept.length).toBeGreaterThan(0)
      expect(Math.abs(all.length - own / 2)).toBeLessThan(1)
      expect(Math.abs(of(beyond.get(0.1)!, user).length - 0.4 * own)).toBeLessThan(2)
    }
    expect(hidden).toBe(beyond.get(0)!.users.length)
    expect(Math.abs(hidden / train.interactions - 0.5)).toBeLessThan(0.05)
  })

  it('are parts of one another: what is hidden beyond a share is hidden beyond each smaller one', () => {
    expect(beyond.get(0.5)!.users).toHaveLength(0)
    for (const [less, more] of [
      [0, 0.1],
      [0.1, 0.25],
    ])
      for (let user = 0; user < USERS; user++)
        expect(of(beyond.get(less)!, user)).toEqual(expect.arrayContaining(of(beyond.get(more)!, user)))
  })

  it('are masked like validation, and validation is scored like test, which stays closed', () => {
    const [masked, scored] = [openTruth(left.valid), openTruth(left.test)]
    for (let user = 0; user < USERS; user++) expect([...columnsOf(masked, user)]).toEqual(of(beyond.get(0)!, user))
    expect(scored.indices).toEqual(single(10).indices)
  })

  it('keep the times of what is left, and depend on the seed alone', () => {
    const { byUser, timestamps } = left.train
    for (let user = 0; user < USERS; user++)
      for (let at = byUser.offsets[user]; at < byUser.offsets[user + 1]; at++)
        expect(timestamps![at]).toBe(100 * user + byUser.indices[at])
    expect(hideInteractions(split, SHARES, 1).beyond).toEqual(beyond)
    expect(hideInteractions(split, SHARES, 2).beyond.get(0)).not.toEqual(beyond.get(0))
  })
})
