/** Which items an answer may hold. */
import type { ExternalId } from '../../dataset/dataset.ts'
import type { Catalogue } from '../items/catalogue.ts'
import { parseFilter } from './filter.ts'
import type { RecommendRequest } from './schema.ts'

/** Filters whose outcome is kept. */
const KEPT_FILTERS = 64

export type AllowRequest = Pick<RecommendRequest, 'exclude' | 'only' | 'filter'>

export interface Allowed {
  /** items that must not be in the answer, ascending */
  readonly hidden: Int32Array
  readonly unknown: { readonly exclude?: number; readonly only?: number }
}

/** @param seen items that must not be in the answer anyway, ascending */
export type Allow = (request: AllowRequest, seen: Int32Array) => Allowed

export function createAllow({ items, attributes }: Catalogue): Allow {
  const filters = new Map<string, Uint8Array>()
  /** A byte for each item, 1 where it may not be. */
  const refusedBy = (filter: string): Uint8Array => {
    const kept = filters.get(filter)
    if (kept) return kept
    const fulfils = parseFilter(filter, attributes)
    const refused = Uint8Array.from({ length: items.length }, (_, item) => (fulfils(item) ? 0 : 1))
    if (filters.size >= KEPT_FILTERS) filters.delete(filters.keys().next().value!)
    filters.set(filter, refused)
    return refused
  }
  return ({ exclude, only, filter }, seen) => {
    if (!exclude && !only && filter === undefined) return { hidden: seen, unknown: {} }
    const refused = filter === undefined ? new Uint8Array(items.length) : refusedBy(filter).slice()
    const excluded = resolve(items, exclude)
    for (const item of [...excluded.indices, ...seen]) refused[item] = 1
    const wanted = resolve(items, only)
    if (only) {
      const own = new Set(wanted.indices)
      for (let item = 0; item < refused.length; item++) if (!own.has(item)) refused[item] = 1
    }
    return {
      hidden: positionsOfOnes(refused),
      unknown: {
        ...(excluded.unknown > 0 && { exclude: excluded.unknown }),
        ...(wanted.unknown > 0 && { only: wanted.unknown }),
      },
    }
  }
}

/** Internal ids, and how many are unknown. */
export function resolve(
  items: Catalogue['items'],
  ids: readonly ExternalId[] = [],
): { indices: number[]; unknown: number } {
  const indices = ids.map(id => items.indexOf(id)).filter(index => index >= 0)
  return { indices, unknown: ids.length - indices.length }
}

function positionsOfOnes(bytes: Uint8Array): Int32Array {
  let count = 0
  for (const byte of bytes) count += byte
  const positions = new Int32Array(count)
  let next = 0
  for (let at = 0; at < bytes.length; at++) if (bytes[at]) positions[next++] = at
  return positions
}
