/**
 * The one in-memory form of interactions: user → items in CSR with its transpose, and the vocabularies between
 * external ids (strings or integers) and dense internal ones.
 */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { shown } from '../options.ts'
import { checkRequest, dataset as datasetShape, pairs as pairsShape, vocabulary } from '../requests.ts'
import { buildUniqueCsr, gather, joined, rowOfEntry, transpose } from './csr.ts'

export type ExternalId = string | number

/** External ids in internal order, and the way back. */
export interface Vocabulary {
  readonly ids: readonly ExternalId[]
  /** @returns the internal id, or −1 */
  indexOf(id: ExternalId): number
}

export type TimeKind = 'clock' | 'position'

/** What estimates before a run go by. */
export type DataSizes = Pick<Dataset, 'users' | 'items' | 'interactions'>

/** Immutable. Items of a user and users of an item ascend. */
export interface Dataset {
  readonly users: number
  readonly items: number
  readonly interactions: number
  /** user → items */
  readonly byUser: CsrPattern
  /** item → users */
  readonly byItem: CsrPattern
  readonly userIds: Vocabulary
  readonly itemIds: Vocabulary
  /**
   * ms since 1970, along `byUser.indices`; the position in the user's history, 0 first, when the data has no clock
   * (format `sequences`, `timeKind` "position"): then times of different users do not compare
   */
  readonly timestamps?: Float64Array
  /** whether `timestamps` are of a clock or positions in each history; absent without them */
  readonly timeKind?: TimeKind
  /** weight of an interaction in the loss, along `byUser.indices`; 1 when absent */
  readonly weights?: Float32Array
}

/** Pairs of internal ids, as two columns. */
export interface Pairs {
  readonly users: ArrayLike<number>
  readonly items: ArrayLike<number>
  /** weight of each pair; 1 when absent */
  readonly weights?: ArrayLike<number>
  /** ms since 1970, or what else `timeKind` says */
  readonly timestamps?: ArrayLike<number>
  /** 'clock' when absent */
  readonly timeKind?: TimeKind
}

const isId = (id: unknown) => typeof id === 'string' || Number.isFinite(id)
const VOCABULARY_FIELDS = {
  ids: z.custom(ids => Array.isArray(ids) && ids.every(isId), 'expected an array of strings and numbers'),
}

/**
 * A vocabulary over ids that are all different. Strings and integers never meet: `"7"` finds 7 and the other way round.
 * @throws UsageError for what are no ids; its `indexOf` for an id that stands twice
 */
export function createVocabulary(ids: readonly ExternalId[]): Vocabulary {
  checkRequest('createVocabulary', VOCABULARY_FIELDS, { ids })
  // made when it is asked for: what only passes data on never does
  let index: Map<string, number> | undefined
  return {
    ids,
    indexOf(id) {
      index ??= indexIds(ids)
      return index.get(String(id)) ?? -1
    },
  }
}

function indexIds(ids: readonly ExternalId[]): Map<string, number> {
  const index = new Map(ids.map((id, position) => [String(id), position]))
  if (index.size === ids.length) return index
  const twice = ids.find((id, position) => index.get(String(id)) !== position)
  throw new UsageError(`createVocabulary: ids: the id ${JSON.stringify(twice)} stands twice; give each once`)
}

/** Integers by value, strings by UTF-16 code unit, so that the order of reading never decides an internal id. */
export function sortIds(ids: Iterable<ExternalId>): ExternalId[] {
  const sorted = [...ids]
  const numeric = sorted.every(id => typeof id === 'number')
  return numeric ? [...Float64Array.from(sorted as number[]).sort()] : [...new Set(sorted.map(String))].sort()
}

/**
 * A data set from pairs of internal ids; a pair that stands twice is kept once, the first time.
 * @throws UsageError for columns of different lengths, and ids that the vocabularies do not have
 */
export function createDataset(pairs: Pairs, userIds: Vocabulary, itemIds: Vocabulary): Dataset {
  checkRequest('createDataset', DATASET_FIELDS, { pairs, userIds, itemIds })
  const users = userIds.ids.length
  const items = itemIds.ids.length
  checkPairs(pairs, users, items)
  const { pattern, order } = buildUniqueCsr(pairs.users, pairs.items, users, items)
  const { timestamps, weights, timeKind } = pairs
  const columns = {
    ...(timestamps && { timestamps: gather(timestamps, order, Float64Array), timeKind: timeKind ?? 'clock' }),
    ...(weights && { weights: gather(weights, order, Float32Array) }),
  }
  return datasetOf(pattern, columns, userIds, itemIds)
}

/** A data set of a pattern that is known to be right, with what lies along it; all become its own. */
export function datasetOf(
  byUser: CsrPattern,
  columns: Pick<Dataset, 'timestamps' | 'timeKind' | 'weights'>,
  userIds: Vocabulary,
  itemIds: Vocabulary,
): Dataset {
  const sizes = { users: userIds.ids.length, items: itemIds.ids.length, interactions: byUser.indices.length }
  return { ...sizes, byUser, byItem: transpose(byUser, sizes.items), userIds, itemIds, ...columns }
}

const DATASET_FIELDS = { pairs: pairsShape, userIds: vocabulary, itemIds: vocabulary }
const OF_DATASET = { dataset: datasetShape }
const ADDED_FIELDS = { ...OF_DATASET, added: pairsShape }

function checkColumns(owner: string, pairs: Pairs): void {
  for (const name of ['items', 'weights', 'timestamps'] as const)
    if (pairs[name] && pairs[name].length !== pairs.users.length)
      throw new UsageError(
        `${owner}: expected as many ${name} as users, got ${pairs[name].length} and ${pairs.users.length}`,
      )
}

function checkPairs(pairs: Pairs, users: number, items: number): void {
  checkColumns('createDataset', pairs)
  const [ofUsers, ofItems] = [pairs.users, pairs.items]
  const isBelow = (id: number, count: number) => Number.isInteger(id) && id >= 0 && id < count
  for (let pair = 0; pair < ofUsers.length; pair++)
    if (!(isBelow(ofUsers[pair], users) && isBelow(ofItems[pair], items)))
      throw new UsageError(
        `createDataset: pair ${pair}: expected a user below ${users} and an item below ${items}, got ${shown(ofUsers[pair])} and ${shown(ofItems[pair])}`,
      )
  checkValues(pairs.weights, 'a weight of at least 0', weight => weight >= 0 && weight < Infinity)
  checkValues(pairs.timestamps, 'a finite timestamp', Number.isFinite)
}

function checkValues(values: ArrayLike<number> = [], expected: string, isRight: (value: number) => boolean): void {
  for (let pair = 0; pair < values.length; pair++)
    if (!isRight(values[pair]))
      throw new UsageError(`createDataset: pair ${pair}: expected ${expected}, got ${shown(values[pair])}`)
}

/** The pairs of a data set, in user order. */
export function pairsOf(dataset: Dataset): Pairs & { users: Int32Array; items: Int32Array } {
  checkRequest('pairsOf', OF_DATASET, { dataset })
  return {
    users: rowOfEntry(dataset.byUser),
    items: dataset.byUser.indices,
    ...(dataset.weights && { weights: dataset.weights }),
    ...(dataset.timestamps && { timestamps: dataset.timestamps }),
    ...(dataset.timeKind && { timeKind: dataset.timeKind }),
  }
}

/** The pairs at `order`, in that order. */
export function pickPairs({ users, items, weights, timestamps, timeKind }: Pairs, order: Int32Array): Pairs {
  return {
    users: gather(users, order, Int32Array),
    items: gather(items, order, Int32Array),
    ...(weights && { weights: gather(weights, order, Float32Array) }),
    ...(timestamps && { timestamps: gather(timestamps, order, Float64Array) }),
    ...(timeKind && { timeKind }),
  }
}

/**
 * A new data set with more interactions. Pairs that it has already keep their weight; timestamps are dropped.
 * @throws UsageError as `createDataset` does
 */
export function withPositives(dataset: Dataset, added: Pairs): Dataset {
  checkRequest('withPositives', ADDED_FIELDS, { dataset, added })
  checkColumns('withPositives', added)
  const parts: Pairs[] = [pairsOf(dataset), added]
  const [users, items] = [parts.map(part => part.users), parts.map(part => part.items)]
  const weights = parts.map(part => part.weights ?? new Float32Array(part.items.length).fill(1))
  const weighted = parts.some(part => part.weights)
  const pairs = { users: joined(users, Int32Array), items: joined(items, Int32Array) }
  const all = weighted ? { ...pairs, weights: joined(weights, Float32Array) } : pairs
  return createDataset(all, dataset.userIds, dataset.itemIds)
}
