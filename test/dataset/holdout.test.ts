import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kCore } from '../../src/dataset/filters/core.ts'
import { type Interactions, sortUnique, without } from '../../src/dataset/interactions.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import {
  holdOutLatest,
  holdOutLatestOfEachUser,
  holdOutRandom,
  holdOutUsers,
  leaveOneOut,
  TEST,
  TRAIN,
  VALID,
} from '../../src/dataset/splits/cuts.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { pairsOfPart } from '../support/interactions.ts'

const SHARES = { validShare: 0.1, testShare: 0.2 }

/** [user, item, time] of each interaction, as columns. */
function columns(rows: readonly (readonly number[])[]): Interactions & { times: Float64Array } {
  return {
    users: Int32Array.from(rows, row => row[0]),
    items: Int32Array.from(rows, row => row[1]),
    times: Float64Array.from(rows, row => row[2] ?? 0),
  }
}

function pairs({ users, items }: Interactions): string[] {
  return Array.from(users, (user, row) => `${user} ${items[row]}`)
}

const interactions = fc.array(fc.tuple(fc.nat(9), fc.nat(14), fc.nat(30)), { minLength: 1, maxLength: 120 })

describe('random', () => {
  const grid = columns(Array.from({ length: 1000 }, (_, row) => [Math.floor(row / 40), row % 40]))

  it('holds out the shares, to the row', () => {
    const parts = holdOutRandom(grid, SHARES, 7)
    expect([TRAIN, VALID, TEST].map(part => parts.filter(value => value === part).length)).toEqual([700, 100, 200])
  })

  it('is a function of seed and pair, not of the place of a row', () => {
    const parts = holdOutRandom(grid, SHARES, 7)
    const reversed = { users: grid.users.toReversed(), items: grid.items.toReversed() }
    expect(holdOutRandom(reversed, SHARES, 7).toReversed()).toEqual(parts)
    expect(holdOutRandom(grid, SHARES, 8)).not.toEqual(parts)
  })

  it('does not favour users or items: the test share of each half within 5 standard deviations', () => {
    const parts = holdOutRandom(grid, SHARES, 7)
    const share = (chosen: (row: number) => boolean) => {
      const rows = Array.from(parts.keys()).filter(chosen)
      return rows.filter(row => parts[row] === TEST).length / rows.length
    }
    const bound = 5 * Math.sqrt((0.2 * 0.8) / 500)
    expect(Math.abs(share(row => grid.users[row] < 12.5) - 0.2)).toBeLessThan(bound)
    expect(Math.abs(share(row => grid.items[row] < 20) - 0.2)).toBeLessThan(bound)
  })
})

describe('global time', () => {
  it('holds out the latest', () => {
    const times = Float64Array.from({ length: 10 }, (_, row) => (row * 7) % 10)
    const { parts } = holdOutLatest(times, SHARES)
    expect([...parts].map((part, row) => [times[row], part]).sort(([a], [b]) => a - b).map(([, part]) => part)).toEqual([
      0, 0, 0, 0, 0, 0, 0, VALID, TEST, TEST,
    ]) // biome-ignore format: in order
  })

  it('without draws keeps equal times together, in the earlier part', () => {
    expect([...holdOutLatest(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 8, 9), SHARES).parts]).toEqual([
      0, 0, 0, 0, 0, 0, 0, VALID, VALID, TEST,
    ]) // biome-ignore format: in order
    fc.assert(
      fc.property(fc.array(fc.nat(12), { minLength: 2, maxLength: 60 }), values => {
        const { parts } = holdOutLatest(Float64Array.from(values), SHARES)
        const partOfTime = new Map(values.map((value, row) => [value, parts[row]]))
        expect([...parts]).toEqual(values.map(value => partOfTime.get(value)))
        const byTime = [...partOfTime].sort(([a], [b]) => a - b).map(([, part]) => part)
        expect(byTime).toEqual(byTime.toSorted((a, b) => a - b))
      }),
    )
  })
})

it('the latest are those that a sort puts last', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), {
        minLength: 6,
        maxLength: 80,
        comparator: 'SameValueZero',
      }),
      fc.double({ noNaN: true, min: 0, max: 0.4 }),
      fc.double({ noNaN: true, min: 0, max: 0.3 }),
      (values, testShare, validShare) => {
        const { parts } = holdOutLatest(Float64Array.from(values), { testShare, validShare })
        const order = [...values.keys()].sort((a, b) => values[a] - values[b])
        const testFrom = values.length - Math.round(values.length * testShare)
        const validFrom = testFrom - Math.round(values.length * validShare)
        expect(order.map(row => parts[row])).toEqual(
          order.map((_, place) => (place >= testFrom ? TEST : place >= validFrom ? VALID : TRAIN)),
        )
      },
    ),
  )
})

it('a split at random says how the times that there are could be used', async () => {
  const said = async (name: string, text: string) => {
    const { report } = await loadSplit(join(await temporaryDirectory({ [name]: text }), name))
    return report.decisions.find(words => words.startsWith('Split at random'))
  }
  const rows = (time: string) =>
    Array.from({ length: 40 }, (_, row) => `${row % 8},${(row * 3) % 11}${time}\n`).join('')
  const shares = 'Split at random with seed 1: 10 % to validate, 10 % to test'
  expect(await said('a.csv', `user,item,date\n${rows(',2020-01-02')}`)).toBe(
    `${shares}; times are not used: --split leave-one-out, per-user-time or global-time hold out the latest.`,
  )
  expect(await said('b.csv', `user,item\n${rows('')}`)).toBe(`${shares}.`)
  const lists = Array.from({ length: 8 }, (_, user) => `${user} ${9 - user} 3 ${user} 1 11\n`).join('')
  expect(await said('c.txt', lists)).toBe(
    `${shares}; the order is not used: --split leave-one-out or per-user-time hold out the last.`,
  )
})

describe('equal times at a cut', () => {
  it('are told apart by the draws, to the row, and counted', () => {
    const times = Float64Array.of(1, 5, 5, 5, 5, 5, 5, 5, 5, 9)
    const draws = Float64Array.of(0, 8, 1, 7, 2, 6, 3, 5, 4, 0)
    const { parts, atCuts } = holdOutLatest(times, SHARES, draws)
    // of the eight at 5 the one with the largest draw tests, beside the 9, and the next validates
    expect([...parts]).toEqual([0, TEST, 0, VALID, 0, 0, 0, 0, 0, TEST])
    expect(atCuts).toBe(8)
  })

  it('hold out exactly the shares, and nothing earlier than what stays', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 2, maxLength: 60 }), fc.nat(), (values, seed) => {
        const draws = Float64Array.from(values, (_, row) => (row * 7919 + seed) % 104729)
        const { parts } = holdOutLatest(Float64Array.from(values), SHARES, draws)
        const size = (part: number) => parts.filter(value => value === part).length
        expect([size(TEST), size(VALID)]).toEqual([Math.round(0.2 * values.length), Math.round(0.1 * values.length)])
        const times = (part: number) => values.filter((_, row) => parts[row] === part)
        expect(Math.max(...times(TRAIN), 0)).toBeLessThanOrEqual(Math.min(...times(TEST), 9))
      }),
    )
  })
})

describe('each user by itself', () => {
  it('the last share, rounded; the first interaction always trains', () => {
    const history = (user: number, length: number) => Array.from({ length }, (_, time) => [user, time, time])
    const whole = columns([...history(0, 10), ...history(1, 4), ...history(2, 2), ...history(3, 1)])
    expect([...holdOutLatestOfEachUser(whole, SHARES)]).toEqual([
      0, 0, 0, 0, 0, 0, 0, VALID, TEST, TEST,
      0, 0, 0, TEST,
      0, 0,
      0,
    ]) // biome-ignore format: a user a line
    expect([...holdOutLatestOfEachUser(columns(history(0, 3)), { validShare: 0.45, testShare: 0.45 })]).toEqual([
      0,
      VALID,
      TEST,
    ])
  })

  it('leave-one-out: last to test, last but one to valid, fewer than 3 only train', () => {
    const whole = columns([
      [0, 1, 30], [0, 2, 10], [0, 3, 40], [0, 4, 20],
      [1, 1, 1], [1, 2, 2],
      [2, 1, 5], [2, 2, 5], [2, 3, 5],
    ]) // biome-ignore format: a user a line
    // the last user's times are equal: the larger draw is the later
    const draws = Float64Array.of(0, 0, 0, 0, 0, 0, 3, 1, 2)
    expect([...leaveOneOut(whole, draws)]).toEqual([VALID, 0, TEST, 0, 0, 0, TEST, 0, VALID])
  })

  it('sessions: what has one time is held out together', () => {
    const whole = columns([
      [0, 1, 1], [0, 2, 2], [0, 3, 2], [0, 4, 3], [0, 5, 3], [0, 6, 3],
      [1, 1, 5], [1, 2, 5], [1, 3, 5],
    ]) // biome-ignore format: a user a line
    expect([...leaveOneOut(whole)]).toEqual([0, VALID, VALID, TEST, TEST, TEST, 0, 0, 0])
    // wanted are 3 of 6 to test and 2 of 6 to validate; of one session nothing can be held out
    const shares = { validShare: 0.34, testShare: 0.45 }
    expect([...holdOutLatestOfEachUser(whole, shares)]).toEqual([0, VALID, VALID, TEST, TEST, TEST, 0, 0, 0])
  })
})

describe('sets of interactions', () => {
  it('sortUnique sorts, and keeps each pair once at its earliest time', () => {
    fc.assert(
      fc.property(interactions, rows => {
        const sorted = sortUnique(columns(rows), 10, 15)
        const earliest = new Map<string, number>()
        for (const [user, item, time] of rows) {
          const key = `${user} ${item}`
          earliest.set(key, Math.min(time, earliest.get(key) ?? time))
        }
        expect(new Map(pairs(sorted).map((pair, row) => [pair, sorted.times![row]]))).toEqual(earliest)
        const order = Array.from(sorted.users, (user, row) => user * 15 + sorted.items[row])
        expect(order).toEqual(order.toSorted((a, b) => a - b))
        expect(order.length).toBe(earliest.size)
      }),
    )
  })

  it('without is the difference of two sets', () => {
    fc.assert(
      fc.property(interactions, interactions, (some, others) => {
        const [from, known] = [some, others].map(rows => sortUnique(columns(rows), 10, 15))
        const knownPairs = new Set(pairs(known))
        expect(pairs(without(from, known))).toEqual(pairs(from).filter(pair => !knownPairs.has(pair)))
      }),
    )
  })

  it('the k-core holds, and is the largest: what was removed one by one ends at the same', () => {
    fc.assert(
      fc.property(interactions, fc.integer({ min: 1, max: 5 }), (rows, k) => {
        const whole = sortUnique(columns(rows), 10, 15)
        const core = pairs(kCore(whole, k, 10, 15).interactions)
        let slow = pairs(whole)
        for (;;) {
          const degree = (position: number, id: string) => slow.filter(pair => pair.split(' ')[position] === id).length
          const weak = slow.find(pair => pair.split(' ').some((id, position) => degree(position, id) < k))
          if (weak === undefined) break
          slow = slow.filter(pair => pair !== weak)
        }
        expect(core).toEqual(slow)
      }),
      { numRuns: 50 },
    )
  })
})

describe('whole loads', () => {
  const row = fc.tuple(fc.nat(7), fc.nat(12), fc.integer({ min: 1, max: 500 }))
  for (const split of ['random', 'global-time', 'per-user-time', 'leave-one-out'] as const) {
    it(`${split}: the parts are disjoint, complete, and do not depend on the order of rows`, async () => {
      let loaded = 0
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(row, { minLength: 40, maxLength: 70, selector: ([user, item]) => `${user} ${item}` }),
          fc.infiniteStream(fc.nat()),
          async (rows, keys) => {
            const load = async (ordered: typeof rows) => {
              const text = ordered.map(([user, item, time]) => `${user},${item},${time}\n`).join('')
              const directory = await temporaryDirectory({ 'a.csv': `user,item,time\n${text}` })
              return loadSplit(join(directory, 'a.csv'), { split, validShare: 0.2, testShare: 0.2 }).catch(error =>
                String(error.message),
              )
            }
            const shuffled = rows.map(value => ({ value, key: keys.next().value })).sort((a, b) => a.key - b.key)
            const [first, second] = [await load(rows), await load(shuffled.map(({ value }) => value))]
            // too small a part, or a user with every item: then both say so
            if (typeof first === 'string' || typeof second === 'string') return void expect(second).toEqual(first)
            loaded++
            expect(second.split.hash).toBe(first.split.hash)
            const parts = (['train', 'valid', 'test'] as const).flatMap(part => pairsOfPart(first.split, part))
            expect(new Set(parts).size).toBe(parts.length)
            const { heldOutUnknownUsers, heldOutUnknownItems } = first.report.counts
            expect(parts.length + heldOutUnknownUsers + heldOutUnknownItems).toBe(rows.length)
            const read = new Set(rows.map(([user, item]) => `${user} ${item}`))
            expect(parts.filter(pair => !read.has(pair))).toEqual([])
          },
        ),
        { numRuns: 8, seed: 5 },
      )
      expect(loaded).toBeGreaterThan(4)
    })
  }
})

describe('new-users', () => {
  const rows = Array.from({ length: 400 }, (_, row) => [Math.floor(row / 8), row % 8, (row * 5) % 8])
  const whole = columns([...rows, [50, 0, 0]])

  it('takes whole users out of train; the earlier half of each is given, the later half tests', () => {
    const { train, valid, test, given } = holdOutUsers(whole, SHARES, 1)
    expect([...pairs(train), ...pairs(valid), ...pairs(test), ...pairs(given!)].toSorted()).toEqual(
      pairs(whole).toSorted(),
    )
    const newUsers = new Set(test.users)
    expect(newUsers.size).toBeGreaterThan(4)
    expect(newUsers.size).toBeLessThan(17)
    expect(new Set(given!.users)).toEqual(newUsers)
    for (const part of [train, valid]) expect([...part.users].filter(user => newUsers.has(user))).toEqual([])
    // somebody with one interaction is no new user
    expect(newUsers.has(50)).toBe(false)
    const times = (part: Interactions, user: number) => [...part.times!].filter((_, row) => part.users[row] === user)
    for (const user of newUsers) {
      expect(times(test, user)).toHaveLength(4)
      expect(Math.max(...times(given!, user))).toBeLessThan(Math.min(...times(test, user)))
    }
    expect(holdOutUsers(whole, SHARES, 2).test.users).not.toEqual(test.users)
  })
})
