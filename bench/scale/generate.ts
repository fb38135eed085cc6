/**
 * Interactions of any size, made user by user: the only arrays are those that the data set is then built from. Users lie
 * in groups that prefer an own stretch of the catalogue, and popularity is skewed, within a group as without: the trees
 * have something to find, and a few items are in very many histories.
 */

import { buildCsr } from '../../src/dataset/csr.ts'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createSplit, type Split } from '../../src/dataset/split.ts'
import { derive, type RandomStream, randomStream } from '../../src/random.ts'

export interface ScaleSize {
  readonly users: number
  readonly items: number
  /** E, in train; what is made comes within a few per cent of it */
  readonly interactions: number
}

const GROUPS = 256
/** Chance that a draw stays in the user's group. */
const FOCUS = 0.7
/** Users of one stream of random numbers. */
const BLOCK = 4096
/** Shortest history. */
const FEWEST = 4
/** One item in so many of a user who is evaluated is held out. */
const HELD_OUT = 10

/**
 * @param evaluated users with something held out (in `test`; `valid` is empty), spread evenly over all
 * @returns the split, and a pair of every user in its own order: users ascend, items of a user ascend
 */
export function generateSplit(size: ScaleSize, evaluated: number, seed: number): Split {
  const { users, items, interactions } = size
  const capacity = Math.ceil(interactions * 1.15) + FEWEST * 100
  const train = { users: new Int32Array(capacity), items: new Int32Array(capacity) }
  const test = { users: [] as number[], items: [] as number[] }
  const every = Math.max(1, Math.floor(users / evaluated))
  let count = 0
  for (const { user, history, random } of histories(size, seed)) {
    const wanted = user % every === 0 && user / every < evaluated
    history.forEach((item, place) => {
      if (wanted && (place === 0 || random.below(HELD_OUT) === 0) && history.length - place > FEWEST) {
        test.users.push(user)
        test.items.push(item)
      } else {
        train.users[count] = user
        train.items[count++] = item
      }
    })
  }
  const pairs = { users: train.users.subarray(0, count), items: train.items.subarray(0, count) }
  const dataset = createDataset(pairs, numbered(users), numbered(items))
  const nothing = buildCsr([], [], users, items).pattern
  return createSplit(dataset, nothing, buildCsr(test.users, test.items, users, items).pattern)
}

/** The different items of each user, ascending. Lengths are skewed: most are short, a few some twenty times the shortest. */
export function* histories({ users, items, interactions }: ScaleSize, seed: number) {
  const mean = Math.max(1, interactions / users - FEWEST)
  let random = randomStream(derive(seed, 'scale', 0))
  for (let user = 0; user < users; user++) {
    if (user % BLOCK === 0) random = randomStream(derive(seed, 'scale', user / BLOCK))
    // the mean of u³ over [0, 1) is a quarter
    const length = Math.min(Math.floor(items / 2), FEWEST + Math.round(4 * mean * random.uniform() ** 3))
    const group = random.below(GROUPS)
    const drawn = new Set<number>()
    while (drawn.size < length) drawn.add(drawItem(items, group, random))
    yield { user, history: Int32Array.from(drawn).sort(), random }
  }
}

/** The chance of rank r falls as 1 / √r, in the whole catalogue and in the group's part of it. */
function drawItem(items: number, group: number, random: RandomStream): number {
  const rank = random.uniform() ** 2
  if (random.uniform() >= FOCUS) return Math.floor(items * rank)
  const first = Math.floor((items * group) / GROUPS)
  return first + Math.floor((Math.floor((items * (group + 1)) / GROUPS) - first) * rank)
}

const numbered = (count: number) => createVocabulary(Array.from({ length: count }, (_, id) => id))
