/**
 * Cases whose answer is known, from train alone: some of each user's interactions are hidden, as false negatives that were
 * planted, and mixed with items that the user has not interacted with. Who is audited must not have learned from what is hidden:
 * codes and base model are made again from what is left (`train` here).
 */

import { UsageError } from '../../errors.ts'
import { columnsOf } from '../../kernels/csr.ts'
import { ascending, placesWhere } from '../../places.ts'
import { derive, randomStream, shuffle } from '../../random.ts'
import { degreesOf } from '../csr.ts'
import { createDataset, type Dataset, pairsOf, pickPairs } from '../dataset.ts'
import { has, placeOf } from '../patterns.ts'

export const PLANTED = 1
export const UNOBSERVED = 0

export interface PlantedCases {
  /** what is left to learn from; ids as before */
  readonly train: Dataset
  /** cases a user at most */
  readonly k: number
  /** [U × k] item of each case, in random order; −1 where there is none */
  readonly items: Int32Array
  /** [U × k] PLANTED or UNOBSERVED; −1 where there is no case */
  readonly truth: Int8Array
}

export interface PlantOptions {
  /** share of a user's interactions that is hidden */
  readonly hidden: number
  /** hidden items of one user at most */
  readonly perUser: number
  /** users with cases, drawn at random; all when absent */
  readonly users?: number | undefined
  /** unobserved items for each hidden one */
  readonly perHidden: number
  readonly unobserved: 'popularity' | 'uniform'
}

/** This many interactions a user must keep, to be judged by. */
const LEAST_HISTORY = 2
/** Items are of about the same popularity when neither has more than this share beyond the other's. */
const NEAR = 0.1

/**
 * Some unobserved items are false negatives too, only unknown ones: nothing held out may be asked, so no judge can reach
 * an AUC of 1.
 * @throws UsageError when no user has three interactions
 */
export function plantCases(full: Dataset, seed: number, options: PlantOptions): PlantedCases {
  const hidden = hide(full, seed, options)
  const train = without(full, hidden)
  const draw = options.unobserved === 'uniform' ? drawUniform(full) : drawByPopularity(full, train)
  const lists = hidden.map((planted, user) => {
    const random = randomStream(derive(seed, 'audit', 'unobserved', user))
    const taken = new Set(planted)
    const unobserved = Array.from(planted).flatMap(item =>
      Array.from({ length: options.perHidden }, () => draw(user, item, random.below, taken)),
    )
    const cases = [
      ...Array.from(planted, item => ({ item, truth: PLANTED })),
      ...unobserved.filter(item => item >= 0).map(item => ({ item, truth: UNOBSERVED })),
    ]
    return shuffle([...cases.keys()], derive(seed, 'audit', 'order', user)).map(at => cases[at])
  })
  const k = lists.reduce((most, list) => Math.max(most, list.length), 1)
  const items = new Int32Array(full.users * k).fill(-1)
  const truth = new Int8Array(full.users * k).fill(-1)
  lists.forEach((list, user) => {
    for (const [place, own] of list.entries()) {
      items[user * k + place] = own.item
      truth[user * k + place] = own.truth
    }
  })
  return { train, k, items, truth }
}

/** The cases of a table that was kept, with what they leave of `full` to learn from. */
export function restoreCases(full: Dataset, table: Omit<PlantedCases, 'train'>): PlantedCases {
  const { k, items, truth } = table
  const hidden = Array.from({ length: full.users }, (_, user) =>
    items.subarray(user * k, (user + 1) * k).filter((_, at) => truth[user * k + at] === PLANTED),
  )
  return { ...table, train: without(full, hidden) }
}

/** The hidden items of each user, none for those who are not audited. */
function hide({ users, byUser }: Dataset, seed: number, { hidden, perUser, users: most }: PlantOptions): Int32Array[] {
  const eligible = placesWhere(users, user => columnsOf(byUser, user).length > LEAST_HISTORY)
  if (eligible.length === 0)
    throw new UsageError(
      `audit: none of ${users} users has ${LEAST_HISTORY + 1} train interactions, of which one could be hidden; take denser data`,
    )
  const chosen = new Set(shuffle(eligible, derive(seed, 'audit', 'users')).subarray(0, most ?? eligible.length))
  return Array.from({ length: users }, (_, user) => {
    if (!chosen.has(user)) return new Int32Array()
    const own = columnsOf(byUser, user).slice()
    const count = Math.max(1, Math.min(own.length - LEAST_HISTORY, perUser, Math.round(hidden * own.length)))
    return shuffle(own, derive(seed, 'audit', 'hide', user))
      .subarray(0, count)
      .sort()
  })
}

function without(full: Dataset, hidden: readonly Int32Array[]): Dataset {
  const pairs = pairsOf(full)
  const kept = placesWhere(pairs.items.length, at => !hidden[pairs.users[at]].includes(pairs.items[at]))
  return createDataset(pickPairs(pairs, kept), full.userIds, full.itemIds)
}

/** Takes an item that the user has no interaction with in any part of train and that is not taken yet. −1 when there is none. */
type Draw = (user: number, hidden: number, below: (n: number) => number, taken: Set<number>) => number

function drawFrom({ byUser }: Dataset, user: number, taken: Set<number>, tries: number, next: () => number): number {
  for (let attempt = 0; attempt < tries; attempt++) {
    const item = next()
    if (taken.has(item) || has(byUser, user, item)) continue
    taken.add(item)
    return item
  }
  return -1
}

function drawUniform(full: Dataset): Draw {
  return (user, _hidden, below, taken) => drawFrom(full, user, taken, 20 * full.items, () => below(full.items))
}

/**
 * From the items whose popularity in what is left is within a tenth of the hidden one's; from twice as wide a range, and
 * again, when the user knows those all.
 */
function drawByPopularity(full: Dataset, { byItem, items }: Dataset): Draw {
  const popularity = degreesOf(byItem)
  const order = ascending(popularity.length).sort((a, b) => popularity[a] - popularity[b])
  const sorted = order.map(item => popularity[item])
  return (user, hidden, below, taken) => {
    const own = popularity[hidden]
    for (let reach = NEAR; ; reach *= 2) {
      const slack = Math.floor(reach * (own + 1))
      const from = placeOf(sorted, own - slack)
      const size = placeOf(sorted, own + slack + 1) - from
      const item = drawFrom(full, user, taken, 20 * size, () => order[from + below(size)])
      if (item >= 0 || size === items) return item
    }
  }
}
