/** How alike two items are to a model: by the weights between them, or else by the angle of their vectors. */
import type { Floats, Kernels } from '../../kernels/interface/kernels.ts'
import type { Recommender } from '../../models/recommender.ts'
import { copyItemRows } from '../../models/rows.ts'

export interface NeighborWeights {
  /** what the score of `item` gains from `other` in the history */
  of(other: number, item: number): number
  /** the largest of an item's row */
  largest(other: number): number
}

/** A recommender or the first of its parts that has something. */
export function firstWith<K extends 'weights' | 'itemVectors'>(
  recommender: Recommender,
  what: K,
): (Recommender & Required<Pick<Recommender, K>>) | undefined {
  if (recommender[what]) return recommender as Recommender & Required<Pick<Recommender, K>>
  for (const part of recommender.parts ?? []) {
    const found = firstWith(part, what)
    if (found) return found
  }
}

export function neighborWeights(weights: NonNullable<Recommender['weights']>): NeighborWeights {
  if ('stride' in weights) {
    const { values, stride } = weights
    return {
      of: (other, item) => values[other * stride + item],
      largest: other => largestOf(values, other * stride, (other + 1) * stride),
    }
  }
  const { offsets, indices, values } = weights
  return {
    of(other, item) {
      let [low, high] = [offsets[other], offsets[other + 1] - 1]
      while (low <= high) {
        const middle = (low + high) >> 1
        if (indices[middle] === item) return values[middle]
        if (indices[middle] < item) low = middle + 1
        else high = middle - 1
      }
      return 0
    },
    largest: other => largestOf(values, offsets[other], offsets[other + 1]),
  }
}

function largestOf(values: Floats, begin: number, end: number): number {
  let largest = 0
  for (let at = begin; at < end; at++) largest = Math.max(largest, values[at])
  return largest
}

/** Unit vectors [items.length × D] of some items, in ordinary memory; zeros where a vector is zero. */
export function unitVectors(
  { panels, dimensions }: NonNullable<Recommender['itemVectors']>,
  items: ArrayLike<number>,
): Float64Array {
  const vectors = new Float64Array(items.length * dimensions)
  copyItemRows(panels, dimensions, items, vectors)
  for (let row = 0; row < items.length; row++) {
    const own = vectors.subarray(row * dimensions, (row + 1) * dimensions)
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0))
    if (length > 0) for (let d = 0; d < dimensions; d++) own[d] /= length
  }
  return vectors
}

export function dotOf(a: Float64Array, row: number, b: Float64Array, other: number, dimensions: number): number {
  let sum = 0
  for (let d = 0; d < dimensions; d++) sum += a[row * dimensions + d] * b[other * dimensions + d]
  return sum
}

/**
 * How alike each two of some items are, 0 … 1 as a rule: the cosine of their vectors, or the larger of the weights between them
 * over the largest that the item has with any. undefined where the model has neither.
 */
export function similarityAmong(
  recommender: Recommender,
  items: ArrayLike<number>,
): ((a: number, b: number) => number) | undefined {
  const vectors = firstWith(recommender, 'itemVectors')?.itemVectors
  if (vectors) {
    const units = unitVectors(vectors, items)
    return (a, b) => dotOf(units, a, units, b, vectors.dimensions)
  }
  const weights = firstWith(recommender, 'weights')?.weights
  if (!weights) return
  const { of, largest } = neighborWeights(weights)
  const scale = Float64Array.from(items, item => 1 / (largest(item) || 1))
  return (a, b) => Math.max(of(items[a], items[b]) * scale[a], of(items[b], items[a]) * scale[b])
}

/** Fills `scores` [I], in kernel memory, with the mean cosine of each item's vector and those of `chosen`. */
export function cosineScores(
  kernels: Kernels,
  { panels, dimensions }: NonNullable<Recommender['itemVectors']>,
  norms: Float32Array,
  chosen: readonly number[],
  scores: Float32Array,
): void {
  const { memory } = kernels
  memory.scope(() => {
    const units = unitVectors({ panels, dimensions }, chosen)
    const query = memory.floats(dimensions)
    for (let at = 0; at < units.length; at++) query[at % dimensions] += units[at] / chosen.length
    kernels.scoreByVectors(query, panels, dimensions, scores)
    for (let item = 0; item < scores.length; item++) scores[item] = norms[item] > 0 ? scores[item] / norms[item] : 0
  })
}

/** Lengths of the item vectors [I]. */
export function normsOf({ panels: { packed }, dimensions }: NonNullable<Recommender['itemVectors']>, items: number) {
  const norms = new Float32Array(items)
  for (let item = 0; item < items; item++) {
    let sum = 0
    let from = (item >> 3) * dimensions * 8 + (item & 7)
    for (let d = 0; d < dimensions; d++, from += 8) sum += packed[from] * packed[from]
    norms[item] = Math.sqrt(sum)
  }
  return norms
}
