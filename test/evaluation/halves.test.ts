import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createSplit } from '../../src/dataset/split.ts'
import { halveValidation } from '../../src/evaluation/halves.ts'
import { heldOutItems } from '../../src/evaluation/held-out.ts'

const USERS = 400
const range = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
const train = createDataset(
  { users: [...range(USERS).ids] as number[], items: new Array(USERS).fill(0) },
  range(USERS),
  range(9),
)
/** User u has u mod 6 items in validation: 1, 2, …; its test item is 8. */
const counts = Array.from({ length: USERS }, (_, user) => user % 6)
const offsets = Int32Array.from([0, ...counts].map((_, at, all) => all.slice(0, at + 1).reduce((a, b) => a + b)))
const valid = {
  offsets,
  indices: Int32Array.from(counts.flatMap(count => Array.from({ length: count }, (_, i) => i + 1))),
}
const test = {
  offsets: Int32Array.from({ length: USERS + 1 }, (_, user) => user),
  indices: new Int32Array(USERS).fill(8),
}
const split = createSplit(train, valid, test)

describe('halves of validation', () => {
  const halves = halveValidation(split, 1)
  const of = (pairs: { users: ArrayLike<number>; items: ArrayLike<number> }, user: number) =>
    Array.from(pairs.users).flatMap((own, row) => (own === user ? [pairs.items[row]] : []))

  it('share out each item of each user, to a half or, of an odd number, to the nearest to it', () => {
    for (let user = 0; user < USERS; user++) {
      const [known, scored] = [of(halves.known, user), of(halves.scored, user)]
      expect([...known, ...scored].sort()).toEqual(Array.from({ length: user % 6 }, (_, i) => i + 1))
      expect(Math.abs(known.length - scored.length)).toBe((user % 6) % 2)
    }
  })

  it('give the odd item to either side, and every item its chance', () => {
    const odd = counts.flatMap((count, user) => (count === 1 ? [of(halves.known, user).length] : []))
    const share = odd.reduce((a, b) => a + b) / odd.length
    expect(share).toBeGreaterThan(0.3)
    expect(share).toBeLessThan(0.7)
    for (let item = 1; item <= 4; item++) {
      const known = counts.flatMap((count, user) =>
        count === 4 ? [Number(of(halves.known, user).includes(item))] : [],
      )
      expect(known.reduce((a, b) => a + b) / known.length).toBeGreaterThan(0.3)
    }
  })

  it('are others with another seed, and the same with the same', () => {
    expect(halveValidation(split, 1)).toEqual(halves)
    expect(halveValidation(split, 2).known).not.toEqual(halves.known)
  })

  it('leave train as it is and the test items closed: half B alone is held out', () => {
    expect(halves.split.train).toBe(train)
    const heldOut = heldOutItems(halves.split, ['valid', 'test'])
    for (const user of [4, 5, 10, 11]) {
      expect(heldOut(user).map(({ item }) => item)).not.toContain(8)
      expect(heldOut(user).flatMap(({ item, part }) => (part === 'valid' ? [item] : []))).toEqual(
        of(halves.scored, user),
      )
    }
  })
})
