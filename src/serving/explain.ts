/** Which items of the history a recommendation comes from. */
import type { Histories } from '../dataset/histories.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { decayed, NO_DECAY } from '../models/decay.ts'
import type { Recommender } from '../models/model.ts'
import { dotOf, firstWith, neighborWeights, unitVectors } from './item-similarity.ts'

/** Reasons that are given for one item. */
const MOST = 10

export interface Reason {
  readonly item: number
  readonly contribution?: number
  readonly similarity?: number
}

/**
 * Of each item, the items of the history that its score comes from, the largest first. With weights, their contributions: all
 * of them add up to the score of that model, which may be a part of the whole. Else the most similar ones. Empty where the model has neither.
 */
export function explain(
  { memory }: Kernels,
  recommender: Recommender,
  histories: Histories,
  items: readonly number[],
): Reason[][] {
  const { indices: history } = histories
  const neighbors = firstWith(recommender, 'weights')
  if (neighbors) {
    const { of } = neighborWeights(neighbors.weights)
    const values = Array.from(memory.scope(() => decayed(memory, histories, neighbors.decay ?? NO_DECAY).values ?? []))
    return items.map(item =>
      topReasons(history, (other, at) => of(other, item) * (values[at] ?? 1)).map(({ other, value }) => ({
        item: other,
        contribution: value,
      })),
    )
  }
  const vectors = firstWith(recommender, 'itemVectors')?.itemVectors
  if (!vectors) return items.map(() => [])
  const [own, before] = [unitVectors(vectors, items), unitVectors(vectors, history)]
  return items.map((_item, row) =>
    topReasons(history, (_other, at) => dotOf(own, row, before, at, vectors.dimensions)).map(({ other, value }) => ({
      item: other,
      similarity: value,
    })),
  )
}

function topReasons(history: Int32Array, valueBetween: (other: number, at: number) => number) {
  return Array.from(history, (other, at) => ({ other, value: valueBetween(other, at) }))
    .filter(({ value }) => value !== 0)
    .sort((a, b) => b.value - a.value || a.other - b.other)
    .slice(0, MOST)
}
