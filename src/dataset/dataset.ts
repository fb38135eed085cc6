/**
 * The one in-memory form of interactions: user → items in CSR with its transpose, and the vocabularies between
 * external ids (strings or integers) and dense internal ones.
 */
import type { CsrPattern } from '../kernels/kernels.ts'

export type ExternalId = string | number

/** External ids in internal order, and the way back. */
export interface Vocabulary {
  readonly ids: readonly ExternalId[]
  /** @returns the internal id, or −1 */
  indexOf(id: ExternalId): number
}

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
  /** ms since 1970, along `byUser.indices` */
  readonly timestamps?: Float64Array
  /** weight of an interaction in the loss, along `byUser.indices`; 1 when absent */
  readonly weights?: Float32Array
}

/** Pairs of internal ids, as two columns. */
export interface Pairs {
  readonly users: ArrayLike<number>
  readonly items: ArrayLike<number>
  /** weight of each pair; 1 when absent */
  readonly weights?: ArrayLike<number>
  /** ms since 1970 */
  readonly timestamps?: ArrayLike<number>
}

/** A vocabulary over ids that are all different. Strings and integers never meet: `"7"` finds 7 and the other way round. */
export function createVocabulary(ids: readonly ExternalId[]): Vocabulary {
  const index = new Map(ids.map((id, position) => [String(id), position]))
  return { ids, indexOf: id => index.get(String(id)) ?? -1 }
}

/** Integers by value, strings by UTF-16 code unit, so that the order of reading never decides an internal id. */
export function sortIds(ids: Iterable<ExternalId>): ExternalId[] {
  const sorted = [...ids]
  const numeric = sorted.every(id => typeof id === 'number')
  return numeric
    ? (sorted as number[]).sort((a, b) => a - b)
    : sorted.map(String).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** CSR of pairs without duplicates; `order[e]` is the pair that stands at position e. */
export function buildCsr(rows: ArrayLike<number>, columns: ArrayLike<number>, rowCount: number, columnCount: number) {
  // two stable counting passes: by column, then by row
  const byColumn = countingSort(columns, columnCount, identity(columns.length)).order
  const { order, offsets } = countingSort(rows, rowCount, byColumn)
  return { pattern: { offsets, indices: Int32Array.from(order, position => columns[position]) }, order }
}

/** Row → columns turned into column → rows. */
export function transpose(pattern: CsrPattern, columnCount: number): CsrPattern {
  const rows = rowOfEntry(pattern)
  const { order, offsets } = countingSort(pattern.indices, columnCount, identity(rows.length))
  return { offsets, indices: order.map(entry => rows[entry]) }
}

/** The row of each entry of a pattern. */
export function rowOfEntry({ offsets, indices }: CsrPattern): Int32Array {
  const rows = new Int32Array(indices.length)
  for (let row = 0; row + 1 < offsets.length; row++) rows.fill(row, offsets[row], offsets[row + 1])
  return rows
}

function identity(length: number): Int32Array {
  return Int32Array.from({ length }, (_, position) => position)
}

/** `order` sorted by key, stable; offsets[key] is where a key begins. */
function countingSort(keys: ArrayLike<number>, keyCount: number, order: Int32Array) {
  const offsets = new Int32Array(keyCount + 1)
  for (let i = 0; i < keys.length; i++) offsets[keys[i] + 1]++
  for (let key = 0; key < keyCount; key++) offsets[key + 1] += offsets[key]
  const next = offsets.slice()
  const sorted = new Int32Array(order.length)
  for (const position of order) sorted[next[keys[position]]++] = position
  return { order: sorted, offsets }
}

/** A data set from pairs of internal ids; a pair that stands twice is kept once, the first time. */
export function createDataset(pairs: Pairs, userIds: Vocabulary, itemIds: Vocabulary): Dataset {
  const users = userIds.ids.length
  const items = itemIds.ids.length
  const all = buildCsr(pairs.users, pairs.items, users, items)
  const rows = rowOfEntry(all.pattern)
  const kept: number[] = []
  for (let entry = 0; entry < rows.length; entry++) {
    const repeats = entry > 0 && rows[entry] === rows[entry - 1] && all.pattern.indices[entry] === all.pattern.indices[entry - 1]
    if (!repeats) kept.push(entry)
  }
  const pick = (column: ArrayLike<number>) => kept.map(entry => column[all.order[entry]])
  const byUser = buildCsr(pick(pairs.users), pick(pairs.items), users, items).pattern
  return {
    users,
    items,
    interactions: kept.length,
    byUser,
    byItem: transpose(byUser, users > 0 ? items : 0),
    userIds,
    itemIds,
    ...(pairs.timestamps && { timestamps: Float64Array.from(pick(pairs.timestamps)) }),
    ...(pairs.weights && { weights: Float32Array.from(pick(pairs.weights)) }),
  }
}

/** The pairs of a data set, in user order. */
export function pairsOf(dataset: Dataset): Pairs & { users: Int32Array; items: Int32Array } {
  return {
    users: rowOfEntry(dataset.byUser),
    items: dataset.byUser.indices,
    ...(dataset.weights && { weights: dataset.weights }),
    ...(dataset.timestamps && { timestamps: dataset.timestamps }),
  }
}

/** A new data set with more interactions. Pairs that it has already keep their weight; timestamps are dropped. */
export function withPositives(dataset: Dataset, added: Pairs): Dataset {
  const known = pairsOf(dataset)
  const join = (a: ArrayLike<number>, b: ArrayLike<number>) => [...Array.from(a), ...Array.from(b)]
  const ones = (length: number) => new Float32Array(length).fill(1)
  const weighted = dataset.weights !== undefined || added.weights !== undefined
  return createDataset(
    {
      users: join(known.users, added.users),
      items: join(known.items, added.items),
      ...(weighted && {
        weights: join(known.weights ?? ones(known.items.length), added.weights ?? ones(added.items.length)),
      }),
    },
    dataset.userIds,
    dataset.itemIds,
  )
}
