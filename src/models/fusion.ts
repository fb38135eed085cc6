/** Two recommenders as one: their scores, made comparable within each list, are added. */
import type { Recommendations, Recommender, RecommendRequest } from './model.ts'
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
  const listsOf = (request: RecommendRequest) => {
    const k = Math.min(items, Math.max(request.k, depth))
    return weighted.map(({ recommender, weight }) => ({ list: recommender.recommend({ ...request, k }), weight }))
  }
  const scratch = { sums: new Float64Array(items), marks: new Uint8Array(items), listed: new Int32Array(items) }
  return {
    users,
    items,
    recommend(request) {
      const lists = listsOf(request)
      const rows = request.histories.offsets.length - 1
      const out = emptyList(rows, request.k)
      for (let row = 0; row < rows; row++) {
        const count = lists.reduce(
          (listed, { list, weight }) => addScores(list, row, depth, weight, scratch, listed),
          0,
        )
        listBest(scratch, count, request.tieRank, out, row)
        forget(scratch, count)
      }
      return out
    },
    parts: [first, second],
    addends: (request, wanted) =>
      listsOf(request).map(({ list, weight }) => {
        const count = addScores(list, 0, depth, weight, scratch, 0)
        const added = wanted.map(item => scratch.sums[item])
        forget(scratch, count)
        return added
      }),
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

interface Scratch {
  /** [I] fused scores, 0 for what is not listed */
  readonly sums: Float64Array
  /** [I] 1 for what is listed */
  readonly marks: Uint8Array
  readonly listed: Int32Array
}

function forget({ sums, marks, listed }: Scratch, count: number): void {
  for (let at = 0; at < count; at++) {
    sums[listed[at]] = 0
    marks[listed[at]] = 0
  }
}

/**
 * Adds weight · (s − min) / (max − min) of the first `depth` of a row of the list; those after it are listed alone.
 * @returns how many are listed now
 */
function addScores(
  { k, items, scores }: Recommendations,
  row: number,
  depth: number,
  weight: number,
  { sums, marks, listed }: Scratch,
  count: number,
): number {
  const own = items.subarray(row * k, (row + 1) * k)
  const end = own.indexOf(-1)
  const length = end < 0 ? k : end
  const [highest, lowest] = [scores[row * k], scores[row * k + Math.min(length, depth) - 1]]
  const span = highest - lowest
  for (let place = 0; place < length; place++) {
    const item = own[place]
    if (marks[item] === 0) {
      marks[item] = 1
      listed[count++] = item
    }
    if (span > 0 && place < depth) sums[item] += (weight * (scores[row * k + place] - lowest)) / span
  }
  return count
}

/** Puts the best of what is listed into a row, by insertion: lists come nearly in order, and few of them are wanted. */
function listBest(
  { sums, listed }: Scratch,
  count: number,
  tieRank: Int32Array,
  out: Recommendations,
  row: number,
): void {
  const items = out.items.subarray(row * out.k, (row + 1) * out.k)
  const isBetter = (a: number, b: number) => sums[a] > sums[b] || (sums[a] === sums[b] && tieRank[a] < tieRank[b])
  let kept = 0
  for (let at = 0; at < count; at++) {
    const item = listed[at]
    if (kept === out.k && !isBetter(item, items[kept - 1])) continue
    let place = kept < out.k ? kept++ : kept - 1
    for (; place > 0 && isBetter(item, items[place - 1]); place--) items[place] = items[place - 1]
    items[place] = item
  }
  for (let place = 0; place < kept; place++) out.scores[row * out.k + place] = sums[items[place]]
}

function emptyList(rows: number, k: number): Recommendations {
  return {
    k,
    items: new Int32Array(rows * k).fill(-1),
    scores: new Float32Array(rows * k).fill(Number.NEGATIVE_INFINITY),
  }
}
