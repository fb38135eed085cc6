/** Two recommenders as one: their scores, made comparable within each list, are added. */
import type { Kernels } from '../kernels/interface/kernels.ts'
import type { OpenContext, Recommender, RecommendRequest } from './recommender.ts'

export interface FusionRequest {
  readonly kernels: Kernels
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
export function fuse({ kernels, first, second, share, depth }: FusionRequest): Recommender {
  const { memory } = kernels
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
  const store = () => ({
    ...{ kind: 'fusion', options: { share, depth }, tensors: {} },
    parts: { first: first.store!(), second: second.store!() },
  })
  return {
    users,
    items,
    recommend(request) {
      const lists = listsOf(request)
      return memory.scope(() => {
        const length = (request.histories.offsets.length - 1) * request.k
        const out = { k: request.k, items: memory.ints(length), scores: memory.floats(length) }
        const [one, other] = lists.map(({ list, weight }) => ({
          ...{ k: list.k, items: memory.resident(list.items), scores: memory.resident(list.scores), weight },
        }))
        kernels.fuseLists(one, other, depth, memory.resident(request.tieRank), out)
        return { k: request.k, items: out.items.slice(), scores: Float32Array.from(out.scores) }
      })
    },
    parts: [first, second],
    addends: (request, wanted) =>
      listsOf(request).map(({ list, weight }) => {
        const end = list.items.indexOf(-1)
        const length = Math.min(end < 0 ? list.k : end, depth)
        const lowest = list.scores[length - 1]
        const span = list.scores[0] - lowest
        return wanted.map(item => {
          const place = list.items.subarray(0, length).indexOf(item)
          return place >= 0 && span > 0 ? (weight * (list.scores[place] - lowest)) / span : 0
        })
      }),
    ...(needsUsers !== undefined && { needsUsers }),
    ...(first.store && second.store && { store }),
  }
}

export function openFusion({ kernels, options, part }: OpenContext): Recommender {
  const { share, depth } = options as Record<string, number>
  return fuse({ kernels, first: part('first'), second: part('second'), share, depth })
}
