/** Which items of the history a recommendation comes from. */
import type { Kernels } from '../../kernels/interface/kernels.ts'
import { decayed, NO_DECAY } from '../../models/decay.ts'
import type { Recommender } from '../../models/recommender.ts'
import { dotOf, firstWith, neighborWeights, unitVectors } from './item-similarity.ts'
import { type OneRow, requestOf } from './rank-one.ts'

/** Reasons that are given for one item. */
const MOST = 10

export interface Reason {
  readonly item: number
  readonly contribution?: number
  readonly weight?: number
  readonly similarity?: number
}

/**
 * Of each item, the items of the history that its score comes from, the largest first. With weights between items, their
 * contributions: of all items of the history they add up to the score, or in a fused row to what the part with the weights adds
 * to it. The weights alone where the list was ranked again, and else the most similar items. Empty where the model has none.
 */
export function explain(
  { memory }: Kernels,
  recommender: Recommender,
  row: OneRow,
  items: readonly number[],
): Reason[][] {
  const { history: histories } = row
  const { indices: history } = histories
  const neighbors = firstWith(recommender, 'weights')
  if (neighbors) {
    const { of } = neighborWeights(neighbors.weights)
    const values = Array.from(memory.scope(() => decayed(memory, histories, neighbors.decay ?? NO_DECAY).values ?? []))
    const partOf = (other: number, at: number, item: number) => of(other, item) * (values[at] ?? 1)
    const added = addedBy(neighbors, recommender, row, items)
    return items.map((item, place) => {
      const reasons = topReasons(history, (other, at) => partOf(other, at, item))
      if (!added) return reasons.map(({ other, value }) => ({ item: other, weight: value }))
      const sum = history.reduce((total, other, at) => total + partOf(other, at, item), 0)
      const scale = neighbors === recommender ? 1 : sum === 0 ? 0 : added[place] / sum
      return reasons.map(({ other, value }) => ({ item: other, contribution: value * scale }))
    })
  }
  const vectors = firstWith(recommender, 'itemVectors')?.itemVectors
  if (!vectors) return items.map(() => [])
  const [own, before] = [unitVectors(vectors, items), unitVectors(vectors, history)]
  return items.map((_item, place) =>
    topReasons(history, (_other, at) => dotOf(own, place, before, at, vectors.dimensions)).map(({ other, value }) => ({
      item: other,
      similarity: value,
    })),
  )
}

/** What a part adds to the scores of some items; undefined where these are no sums. */
function addedBy(
  part: Recommender,
  recommender: Recommender,
  row: OneRow,
  items: readonly number[],
): readonly number[] | undefined {
  if (part === recommender) return []
  const at = recommender.parts?.indexOf(part) ?? -1
  return at < 0 ? undefined : recommender.addends?.(requestOf(row), items)[at]
}

function topReasons(history: Int32Array, valueBetween: (other: number, at: number) => number) {
  return Array.from(history, (other, at) => ({ other, value: valueBetween(other, at) }))
    .filter(({ value }) => value !== 0)
    .sort((a, b) => b.value - a.value || a.other - b.other)
    .slice(0, MOST)
}
