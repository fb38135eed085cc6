/** Two recommenders as one: their scores, made comparable within each list, are added. */
import type { Recommendations, Recommender } from './model.ts'
import type { OpenContext, StoredRecommender } from './stored.ts'

export interface FusionRequest {
  readonly first: Recommender
  readonly second: Recommender
  /** 0 … 1: the weight of `first`; `second` has the rest */
  readonly share: number
  /** best items of each that are looked at; an item outside a list counts as its last */
  readonly depth: number
}

/**
 * score(u, i) = share · ŝ₁(u, i) + (1 − share) · ŝ₂(u, i), where ŝ maps the `depth` best scores of a user onto 0 … 1 and
 * is 0 for all other items. A list whose scores are all equal says nothing and is 0 throughout.
 * @source CombSUM, Fox & Shaw: "Combination of multiple searches", TREC-2 (1994); min–max: Lee, SIGIR 1997
 */
export function fuse({ first, second, share, depth }: FusionRequest): Recommender {
  const { users, items } = first
  const needsUsers = first.needsUsers ?? second.needsUsers
  const weighted = [
    { recommender: first, weight: share },
    { recommender: second, weight: 1 - share },
  ]
  return {
    users,
    items,
    recommend(request) {
      const k = Math.min(items, Math.max(request.k, depth))
      const lists = weighted.map(({ recommender, weight }) => ({
        list: recommender.recommend({ ...request, k }),
        weight,
      }))
      const sums = new Float64Array(items)
      const rows = request.histories.offsets.length - 1
      const out = emptyList(rows, request.k)
      for (let row = 0; row < rows; row++) {
        const listed = new Set<number>()
        for (const { list, weight } of lists) addScores(list, row, depth, weight, sums, listed)
        const order = [...listed].sort((a, b) => sums[b] - sums[a] || request.tieRank[a] - request.tieRank[b])
        order.slice(0, request.k).forEach((item, place) => {
          out.items[row * request.k + place] = item
          out.scores[row * request.k + place] = sums[item]
        })
        for (const item of listed) sums[item] = 0
      }
      return out
    },
    parts: [first, second],
    ...(needsUsers !== undefined && { needsUsers }),
    ...(first.store && second.store && { store: () => storeFusion(first.store!(), second.store!(), share, depth) }),
  }
}

function storeFusion(
  first: StoredRecommender,
  second: StoredRecommender,
  share: number,
  depth: number,
): StoredRecommender {
  return { kind: 'fusion', options: { share, depth }, tensors: {}, parts: { first, second } }
}

export function openFusion({ options, part }: OpenContext): Recommender {
  const { share, depth } = options as Record<string, number>
  return fuse({ first: part('first'), second: part('second'), share, depth })
}

/** Adds weight · (s − min) / (max − min) of the first `depth` of a row of the list; those after it are listed alone. */
function addScores(
  { k, items, scores }: Recommendations,
  row: number,
  depth: number,
  weight: number,
  sums: Float64Array,
  listed: Set<number>,
) {
  const own = items.subarray(row * k, (row + 1) * k)
  const length = own.includes(-1) ? own.indexOf(-1) : k
  const [highest, lowest] = [scores[row * k], scores[row * k + Math.min(length, depth) - 1]]
  const span = highest - lowest
  for (let place = 0; place < length; place++) {
    listed.add(own[place])
    if (span > 0 && place < depth) sums[own[place]] += (weight * (scores[row * k + place] - lowest)) / span
  }
}

function emptyList(rows: number, k: number): Recommendations {
  return {
    k,
    items: new Int32Array(rows * k).fill(-1),
    scores: new Float32Array(rows * k).fill(Number.NEGATIVE_INFINITY),
  }
}
