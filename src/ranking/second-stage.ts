/** The second stage of a ranking: the first candidates of a list, put in the order of a learned score. */
import type { CandidateBlock } from '../features/feature.ts'
import type { FeatureSet } from '../features/table.ts'
import type { Contribution, Recommendations, Recommender, RecommendRequest } from '../models/recommender.ts'
import { type LinearScore, scoreRows } from '../statistics/linear.ts'

/** Candidates of each user that are ranked again: beyond them the list stays as it is. */
export const POOL = 100

/** Of the place in the list of the first stage, beside what the features say. */
const STANDING = [
  { name: 'first-stage score', meaning: 'the first stage scores it high' },
  { name: '√ first-stage score', meaning: 'the first stage scores it high' },
]

/** What the second stage goes by: columns of the candidates of a list. */
export interface PoolTable {
  readonly names: readonly string[]
  readonly meanings: readonly string[]
  /** [R · C × F] for the first C of each of R lists */
  tabulate(request: Pick<RecommendRequest, 'histories' | 'users'>, pool: Recommendations): Float32Array
}

export function poolTable(features: FeatureSet): PoolTable {
  return {
    names: [...STANDING.map(({ name }) => name), ...features.names],
    meanings: [...STANDING.map(({ meaning }) => meaning), ...features.meanings],
    tabulate({ histories, users }, pool) {
      const block: CandidateBlock = { histories, ...(users && { users }), k: pool.k, items: pool.items }
      return beside(standing(pool), features.tabulate(block, 'row'), pool.items.length)
    },
  }
}

/** [R · C × 2] the score as a share of the span of the list, and its root. */
function standing({ k, items, scores }: Recommendations): Float32Array {
  const out = new Float32Array(items.length * STANDING.length)
  for (let first = 0; first < items.length; first += k) {
    let length = 0
    while (length < k && items[first + length] >= 0) length++
    const lowest = scores[first + length - 1]
    const span = scores[first] - lowest
    for (let place = first; place < first + length && span > 0; place++) {
      out[2 * place] = (scores[place] - lowest) / span
      out[2 * place + 1] = Math.sqrt(out[2 * place])
    }
  }
  return out
}

function beside(left: Float32Array, right: Float32Array, rows: number): Float32Array {
  const [a, b] = [left.length / rows, right.length / rows]
  const out = new Float32Array(left.length + right.length)
  for (let row = 0; row < rows; row++) {
    out.set(left.subarray(row * a, (row + 1) * a), row * (a + b))
    out.set(right.subarray(row * b, (row + 1) * b), row * (a + b) + a)
  }
  return out
}

/**
 * Ranks the first POOL of `first` again; what comes after them keeps its order, below them. Scores are those of the second
 * stage, and fall on below the pool by one per place.
 * @param scoreOf the score that a user is ranked by, −1 for somebody who is not known; without one the list stays as it is
 */
export function rerank(
  first: Recommender,
  table: PoolTable,
  scoreOf: (user: number) => LinearScore | undefined,
): Recommender {
  const { users, items, needsUsers } = first
  const compare = (request: RecommendRequest) => {
    const list = first.recommend({ ...request, k: Math.min(items, Math.max(request.k, POOL)) })
    const pool = head(list, Math.min(POOL, list.k))
    return { list, pool, features: table.tabulate(request, pool) }
  }
  return {
    users,
    items,
    explain(request, wanted) {
      const { pool, features } = compare(request)
      const score = scoreOf(request.users?.[0] ?? -1)
      return score ? contributionsOf(score, table, pool, features, wanted) : wanted.map(() => [])
    },
    recommend(request) {
      const { list, pool, features } = compare(request)
      const width = pool.k * table.names.length
      const scores = new Float64Array(pool.items.length)
      for (let row = 0; row * pool.k < scores.length; row++) {
        const score = scoreOf(request.users?.[row] ?? -1)
        if (score) scores.set(scoreRows(score, features.subarray(row * width, (row + 1) * width)), row * pool.k)
        else for (let place = 0; place < pool.k; place++) scores[row * pool.k + place] = -place
      }
      return reorder(list, pool.k, scores, request)
    },
    ...(needsUsers !== undefined && { needsUsers }),
  }
}

/** Of one list: what each feature, with its root, adds to the score of an item, beside the mean over the list. */
function contributionsOf(
  { weights, deviations }: LinearScore,
  { names, meanings }: PoolTable,
  { items }: Recommendations,
  features: Float32Array,
  wanted: readonly number[],
): Contribution[][] {
  const width = names.length
  const length = items.includes(-1) ? items.indexOf(-1) : items.length
  const means = new Float64Array(width)
  for (let at = 0; at < length * width; at++) means[at % width] += features[at] / length
  const factors = weights.map((weight, f) => (deviations[f] > 0 ? weight / deviations[f] : 0))
  return wanted.map(item => {
    const place = items.indexOf(item)
    if (place < 0) return []
    const sums = new Map<string, Contribution>()
    names.forEach((name, f) => {
      const feature = name.replace(/^√ /, '')
      const before = sums.get(feature)?.contribution ?? 0
      const own = factors[f] * (features[place * width + f] - means[f])
      sums.set(feature, { feature, meaning: meanings[f], contribution: before + own })
    })
    return [...sums.values()]
      .filter(({ contribution }) => contribution !== 0)
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
  })
}

/** The first k places of each list. */
export function head({ k, items, scores }: Recommendations, length: number): Recommendations {
  if (length === k) return { k, items, scores }
  const rows = items.length / k
  const own = { k: length, items: new Int32Array(rows * length), scores: new Float32Array(rows * length) }
  for (let row = 0; row < rows; row++) {
    own.items.set(items.subarray(row * k, row * k + length), row * length)
    own.scores.set(scores.subarray(row * k, row * k + length), row * length)
  }
  return own
}

/** Some of the lists. */
export function pickRows({ k, items, scores }: Recommendations, rows: Int32Array): Recommendations {
  const out = { k, items: new Int32Array(rows.length * k), scores: new Float32Array(rows.length * k) }
  rows.forEach((row, at) => {
    out.items.set(items.subarray(row * k, (row + 1) * k), at * k)
    out.scores.set(scores.subarray(row * k, (row + 1) * k), at * k)
  })
  return out
}

/** @param scores along the first `depth` of each list */
export function reorder(
  list: Recommendations,
  depth: number,
  scores: ArrayLike<number>,
  { k, tieRank }: Pick<RecommendRequest, 'k' | 'tieRank'>,
): Recommendations {
  const rows = list.items.length / list.k
  const out = {
    k,
    items: new Int32Array(rows * k).fill(-1),
    scores: new Float32Array(rows * k).fill(Number.NEGATIVE_INFINITY),
  }
  for (let row = 0; row < rows; row++) {
    const own = list.items.subarray(row * list.k, (row + 1) * list.k)
    const places = Array.from({ length: depth }, (_, place) => place).filter(place => own[place] >= 0)
    const scoreOf = (place: number) => scores[row * depth + place]
    places.sort((a, b) => scoreOf(b) - scoreOf(a) || tieRank[own[a]] - tieRank[own[b]])
    const lowest = places.length > 0 ? scoreOf(places[places.length - 1]) : 0
    for (let place = 0; place < k; place++) {
      const from = place < places.length ? places[place] : place
      if (from >= list.k || own[from] < 0) break
      out.items[row * k + place] = own[from]
      out.scores[row * k + place] = place < places.length ? scoreOf(from) : lowest - (place - places.length + 1)
    }
  }
  return out
}
