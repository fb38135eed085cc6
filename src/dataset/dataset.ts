/**
 * The one in-memory form of interactions: user → items in CSR with its transpose, and the vocabularies between
 * external ids (strings or integers) and dense internal ones.
 */
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { buildUniqueCsr, gather, type NumberArray, rowOfEntry, transpose } from './csr.ts'

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

/** A vocabulary over ids that are all different. Strings and integers never meet: `"7"` finds 7 and the other way round. */
export function createVocabulary(ids: readonly ExternalId[]): Vocabulary {
  // made when it is asked for: what only passes data on never does
  let index: Map<string, number> | undefined
  return {
    ids,
    indexOf(id) {
      index ??= new Map(ids.map((other, position) => [String(other), position]))
      return index.get(String(id)) ?? -1
    },
  }
}

/** Integers by value, strings by UTF-16 code unit, so that the order of reading never decides an internal id. */
export function sortIds(ids: Iterable<ExternalId>): ExternalId[] {
  const sorted = [...ids]
  const numeric = sorted.every(id => typeof id === 'number')
  return numeric ? [...Float64Array.from(sorted as number[]).sort()] : sorted.map(String).sort()
}

/** A data set from pairs of internal ids; a pair that stands twice is kept once, the first time. */
export function createDataset(pairs: Pairs, userIds: Vocabulary, itemIds: Vocabulary): Dataset {
  const users = userIds.ids.length
  const items = itemIds.ids.length
  const { pattern: byUser, order } = buildUniqueCsr(pairs.users, pairs.items, users, items)
  return {
    users,
    items,
    interactions: order.length,
    byUser,
    byItem: transpose(byUser, items),
    userIds,
    itemIds,
    ...(pairs.timestamps && {
      timestamps: gather(pairs.timestamps, order, Float64Array),
      timeKind: pairs.timeKind ?? 'clock',
    }),
    ...(pairs.weights && { weights: gather(pairs.weights, order, Float32Array) }),
  }
}

/** The pairs of a data set, in user order. */
export function pairsOf(dataset: Dataset): Pairs & { users: Int32Array; items: Int32Array } {
  return {
    users: rowOfEntry(dataset.byUser),
    items: dataset.byUser.indices,
    ...(dataset.weights && { weights: dataset.weights }),
    ...(dataset.timestamps && { timestamps: dataset.timestamps }),
    ...(dataset.timeKind && { timeKind: dataset.timeKind }),
  }
}

/** A new data set with more interactions. Pairs that it has already keep their weight; timestamps are dropped. */
export function withPositives(dataset: Dataset, added: Pairs): Dataset {
  const known = pairsOf(dataset)
  const join = <T extends NumberArray>(a: ArrayLike<number>, b: ArrayLike<number>, as: new (length: number) => T) => {
    const joined = new as(a.length + b.length)
    joined.set(a)
    joined.set(b, a.length)
    return joined
  }
  const ones = (length: number) => new Float32Array(length).fill(1)
  const weighted = dataset.weights !== undefined || added.weights !== undefined
  return createDataset(
    {
      users: join(known.users, added.users, Int32Array),
      items: join(known.items, added.items, Int32Array),
      ...(weighted && {
        weights: join(
          known.weights ?? ones(known.items.length),
          added.weights ?? ones(added.items.length),
          Float32Array,
        ),
      }),
    },
    dataset.userIds,
    dataset.itemIds,
  )
}
