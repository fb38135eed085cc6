/** Whose history an answer is made from. */
import { type Histories, sliceRows } from '../../dataset/histories.ts'
import type { Catalogue } from '../items/catalogue.ts'
import type { Answer, RecommendRequest } from './schema.ts'

export interface Somebody {
  readonly by: Answer['by']
  /** of the training data, −1 for anybody else */
  readonly user: number
  /** one row */
  readonly history: Histories
  readonly unknown: { readonly user?: true; readonly history?: number }
}

const NOTHING: Histories = { offsets: new Int32Array(2), indices: new Int32Array(0) }

/** A history that is given takes the place of the one that is known, unless it holds nothing that the model knows. */
export function resolveSomebody(
  { users, items, histories }: Catalogue,
  { user, history: given }: Pick<RecommendRequest, 'user' | 'history'>,
): Somebody {
  const index = user === undefined ? -1 : users.indexOf(user)
  const { history, unknown } = given ? resolveHistory(items, given) : { history: NOTHING, unknown: 0 }
  const counts = {
    ...(user !== undefined && index < 0 && { user: true as const }),
    ...(unknown > 0 && { history: unknown }),
  }
  if (history.indices.length > 0) return { by: index < 0 ? 'history' : 'user', user: index, history, unknown: counts }
  if (index < 0) return { by: 'popularity', user: -1, history, unknown: counts }
  return { by: 'user', user: index, history: sliceRows(histories, index, index + 1), unknown: counts }
}

/** An item that is named more than once stands where it is named last, with the sum of its weights. */
export function resolveHistory(
  items: Catalogue['items'],
  given: NonNullable<RecommendRequest['history']>,
): { history: Histories; unknown: number } {
  const found = new Map<number, { weight: number; place: number }>()
  let unknown = 0
  given.forEach((entry, place) => {
    const { item, weight = 1 } = typeof entry === 'object' ? entry : { item: entry }
    const index = items.indexOf(item)
    if (index < 0) unknown++
    else found.set(index, { weight: weight + (found.get(index)?.weight ?? 0), place })
  })
  const entries = [...found].sort(([a], [b]) => a - b)
  const newestFirst = [...found].sort(([, a], [, b]) => b.place - a.place)
  const ages = new Map(newestFirst.map(([item], age) => [item, age]))
  const plain = entries.every(([, { weight }]) => weight === 1)
  return {
    history: {
      offsets: Int32Array.of(0, entries.length),
      indices: Int32Array.from(entries, ([item]) => item),
      ages: Float32Array.from(entries, ([item]) => ages.get(item)!),
      ...(!plain && { values: Float32Array.from(entries, ([, { weight }]) => weight) }),
    },
    unknown,
  }
}
