/** Reference kernels over item codes and centroids. */
import { columnsOf } from '../csr.ts'
import type { Codes, CodeView, Kernels } from '../interface/kernels.ts'

export const addCodeSimilarity: Kernels['addCodeSimilarity'] = (views, batch, candidates, perSlot, hops, scores) => {
  const slots = candidates.length / perSlot
  for (let row = 0; row < slots * hops; row++) {
    const own = scores.subarray(row * perSlot, (row + 1) * perSlot)
    const low = Math.min(...own)
    const range = Math.max(...own) - low + 1e-8
    const slot = Math.floor(row / hops)
    const positive = batch.positives[Math.floor(slot / (slots / batch.size))]
    for (let n = 0; n < perSlot; n++) {
      const item = candidates[slot * perSlot + n]
      own[n] = (own[n] - low) / range
      if (item >= 0) own[n] += views.reduce((sum, view) => sum + viewSimilarity(view, positive, item), 0)
    }
  }
}

const viewSimilarity = ({ codes, weight }: CodeView, a: number, b: number) => weight * codeSimilarity(codes, a, b)

/** The code of an item without its padding. */
export function codeOf({ values, depth }: Codes, item: number): Int8Array {
  const row = values.subarray(item * depth, (item + 1) * depth)
  const end = row.indexOf(-1)
  return end < 0 ? row : row.subarray(0, end)
}

/** Length of the longest common prefix of two codes. */
export function sharedPrefix(a: Int8Array, b: Int8Array): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}

/** sim(i, j) = LCP / min(|c_i|, |c_j|), in [0, 1]; 0 when a code is empty. */
export function codeSimilarity(codes: Codes, i: number, j: number): number {
  const a = codeOf(codes, i)
  const b = codeOf(codes, j)
  const shorter = Math.min(a.length, b.length)
  return shorter === 0 ? 0 : sharedPrefix(a, b) / shorter
}

export const longestSharedPrefix: Kernels['longestSharedPrefix'] = (codes, history, users, candidates, out) => {
  const perUser = users.length ? candidates.length / users.length : 0
  candidates.forEach((item, at) => {
    const user = users[Math.floor(at / perUser)]
    const known = columnsOf(history, user)
    const lengths = Array.from(known, other => (item < 0 ? 0 : sharedPrefix(codeOf(codes, item), codeOf(codes, other))))
    out[at] = Math.max(0, ...lengths)
  })
}

export const assignToCentroids: Kernels['assignToCentroids'] = (points, centroids, dimensions, nearest, distances) => {
  for (let point = 0; point < nearest.length; point++) {
    distances[point] = Number.POSITIVE_INFINITY
    for (let c = 0; c < centroids.length / dimensions; c++) {
      let distance = 0
      for (let d = 0; d < dimensions; d++)
        distance += (points[point * dimensions + d] - centroids[c * dimensions + d]) ** 2
      if (distance >= distances[point]) continue
      distances[point] = distance
      nearest[point] = c
    }
  }
}

export const moveCentroids: Kernels['moveCentroids'] = (points, labels, dimensions, centroids) => {
  for (let c = 0; c < centroids.length / dimensions; c++) {
    const own = Array.from(labels.keys()).filter(point => labels[point] === c)
    for (let d = 0; d < dimensions; d++) {
      const sum = own.reduce((total, point) => total + points[point * dimensions + d], 0)
      if (own.length > 0) centroids[c * dimensions + d] = sum / own.length
    }
  }
}
