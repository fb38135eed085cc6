/** Reference kernels for rankings and for dense linear algebra. */
import { RunError } from '../../errors.ts'
import { columnsOf } from '../csr.ts'
import type { Kernels, RankingRequest, TopK } from '../interface/kernels.ts'
import { neighborKernels } from './neighbors.ts'

export const topKByVectors: Kernels['topKByVectors'] = (request, out) => {
  const { userVectors, itemVectors, dimensions } = request
  const component =
    'packed' in itemVectors
      ? (item: number, d: number) => itemVectors.packed[placeInPanels(item, d, dimensions)]
      : (item: number, d: number) => itemVectors[item * dimensions + d]
  rank(request, out, (_row, user, item) => {
    let score = 0
    for (let d = 0; d < dimensions; d++) score += userVectors[user * dimensions + d] * component(item, d)
    return score
  })
}

export const packItems: Kernels['packItems'] = (itemVectors, dimensions, { packed }) =>
  itemVectors.forEach((value, at) => {
    packed[placeInPanels(Math.floor(at / dimensions), at % dimensions, dimensions)] = value
  })

const placeInPanels = (item: number, d: number, dimensions: number) =>
  (Math.floor(item / 8) * dimensions + d) * 8 + (item % 8)

export const scoreByVectors: Kernels['scoreByVectors'] = (userVectors, { packed }, dimensions, scores) => {
  const rows = userVectors.length / dimensions
  const items = scores.length / rows
  for (let at = 0; at < scores.length; at++) {
    const [row, item] = [Math.floor(at / items), at % items]
    let score = 0
    for (let d = 0; d < dimensions; d++)
      score += userVectors[row * dimensions + d] * packed[placeInPanels(item, d, dimensions)]
    scores[at] = score
  }
}

export const topKByScores: Kernels['topKByScores'] = (request, out) =>
  rank(request, out, (row, _user, item) => request.scores[row * request.items + item])

export const topKBySums: Kernels['topKBySums'] = ({ chosen, matrix, ...request }, out) => {
  const scores = new Float64Array(request.users.length * request.items)
  neighborKernels.sumSparseRows(chosen, matrix, request.items, scores)
  topKByScores({ ...request, scores }, out)
}

export const fuseLists: Kernels['fuseLists'] = (first, second, depth, tieRank, out) => {
  for (let row = 0; row < out.items.length / out.k; row++) {
    const sums = new Map<number, number>()
    for (const { k, items, scores, weight } of [first, second]) {
      const own = Array.from(items.subarray(row * k, (row + 1) * k)).filter(item => item >= 0)
      const lowest = scores[row * k + Math.min(own.length, depth) - 1]
      const span = scores[row * k] - lowest
      own.forEach((item, place) => {
        const score = span > 0 && place < depth ? (weight * (scores[row * k + place] - lowest)) / span : 0
        sums.set(item, (sums.get(item) ?? 0) + score)
      })
    }
    const ranked = [...sums].sort(([a, x], [b, y]) => y - x || tieRank[a] - tieRank[b])
    for (let place = 0; place < out.k; place++) {
      out.items[row * out.k + place] = ranked[place]?.[0] ?? -1
      out.scores[row * out.k + place] = ranked[place]?.[1] ?? Number.NEGATIVE_INFINITY
    }
  }
}

function rank(request: RankingRequest, out: TopK, score: (row: number, user: number, item: number) => number): void {
  const { users, items, seen, tieRank } = request
  users.forEach((user, row) => {
    const hidden = new Set(columnsOf(seen, user))
    const ranked = Array.from({ length: items }, (_, item) => item)
      .filter(item => !hidden.has(item))
      .map(item => ({ item, score: Math.fround(score(row, user, item)) }))
      .sort((a, b) => b.score - a.score || tieRank[a.item] - tieRank[b.item])
    for (let place = 0; place < out.k; place++) {
      out.items[row * out.k + place] = ranked[place]?.item ?? -1
      out.scores[row * out.k + place] = ranked[place]?.score ?? Number.NEGATIVE_INFINITY
    }
  })
}

/** Cholesky A = L Lᵀ, then the inverse column by column: L y = e_j, Lᵀ x = y. */
export const invertPositiveDefinite: Kernels['invertPositiveDefinite'] = (matrix, n) => {
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k]
      if (i === j && !(sum > 0))
        throw new RunError(`the matrix is not positive definite: pivot ${i} is ${sum}; raise the regularization`)
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / lower[j * n + j]
    }
  }
  const x = new Float64Array(n)
  for (let column = 0; column < n; column++) {
    for (let i = 0; i < n; i++) {
      let sum = i === column ? 1 : 0
      for (let k = 0; k < i; k++) sum -= lower[i * n + k] * x[k]
      x[i] = sum / lower[i * n + i]
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i]
      for (let k = i + 1; k < n; k++) sum -= lower[k * n + i] * x[k]
      x[i] = sum / lower[i * n + i]
    }
    for (let i = 0; i < n; i++) matrix[i * n + column] = x[i]
  }
}
