/** A model that answers, from a recommender and what is known of its items and users. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Histories, sliceRows } from '../../dataset/histories.ts'
import type { Kernels } from '../../kernels/interface/kernels.ts'
import { recommendPopular } from '../../models/baselines/popularity.ts'
import type { Contribution, Recommender } from '../../models/recommender.ts'
import { integer } from '../../options.ts'
import { checkRequest } from '../../requests.ts'
import { type AllowRequest, createAllow, resolve } from '../answers/allowed.ts'
import { diversify } from '../answers/diversify.ts'
import { explain, type Reason } from '../answers/explain.ts'
import { resolveSomebody, type Somebody } from '../answers/histories.ts'
import { similarityAmong } from '../answers/item-similarity.ts'
import { type OneRow, type Ranked, rankOne, requestOf } from '../answers/rank-one.ts'
import { parseRequest } from '../answers/request.ts'
import { type Answer, rankRequest, recommendRequest, similarRequest } from '../answers/schema.ts'
import { createSimilar } from '../answers/similar.ts'
import type { Catalogue } from '../items/catalogue.ts'
import { describeItem, searchItems } from '../items/items.ts'
import { type ModelInfo, RequestError, type ServingModel } from './serving-model.ts'

const SEARCH = { words: z.string(), limit: integer(0) }

export interface ServingParts {
  readonly kernels: Kernels
  readonly info: ModelInfo
  readonly recommender: Recommender
  readonly catalogue: Catalogue
  /** of the known users, where a model can rank from none but the histories it was trained with */
  readonly rankedFrom?: Histories
}

/** Items that diversity chooses from, for each that it chooses, and at least. */
const POOL = { perItem: 5, least: 100 }

/** Terms of a score that an explained item has, the largest. */
const MOST_TERMS = 5

/** @param newRequestId of answers to requests that have none */
export function createServingModel(
  { kernels, info, recommender, catalogue, rankedFrom }: ServingParts,
  newRequestId: () => string = randomUUID,
): ServingModel {
  const { memory } = kernels
  const { items, titles, popularity } = catalogue
  const tieRank = memory.resident(catalogue.tieRank)
  const popular = recommendPopular(kernels, recommender, memory.resident(popularity))
  const allow = createAllow(catalogue)
  const similar = createSimilar(kernels, recommender)
  let closed = false

  const answer = (
    requestId: string | undefined,
    by: Answer['by'],
    { items: found, scores }: Ranked,
    unknown: Answer['unknown'],
    reasons?: ReturnType<typeof explain>,
    terms?: readonly (readonly Contribution[])[],
  ): Answer => ({
    requestId: requestId ?? newRequestId(),
    model: info.id,
    by,
    items: found.map((item, place) => ({
      ...named(item),
      score: scores[place],
      ...(item >= info.items - info.coldItems && { cold: true as const }),
      ...(reasons && because(reasons[place], scores[place])),
      ...(terms && { terms: terms[place].slice(0, MOST_TERMS) }),
    })),
    ...(Object.keys(unknown!).length > 0 && { unknown }),
  })
  const named = (item: number) => {
    const title = titles?.at(item)
    return { item: items.at(item), ...(title && { title }) }
  }
  const because = (reasons: readonly Reason[], score: number) => {
    const listed = reasons.reduce((sum, { contribution = Number.NaN }) => sum + contribution, 0)
    const rest = score - listed
    return {
      because: reasons.map(({ item: other, ...why }) => ({ ...named(other), ...why })),
      // more than rounding
      ...(Math.abs(rest) > 1e-6 * Math.max(1, Math.abs(score)) && { rest }),
    }
  }
  /** The best items for somebody, or the most popular where there is nothing to go by. */
  const rankFor = (somebody: Somebody, hidden: Int32Array, k: number): Ranked => {
    const row = rowFor(somebody, hidden, k)
    return row.k === 0 ? { items: [], scores: [] } : rankOne(somebody.by === 'popularity' ? popular : recommender, row)
  }
  const rowFor = ({ by, user, history }: Somebody, hidden: Int32Array, k: number): OneRow => ({
    history: rankedFrom && by === 'user' ? sliceRows(rankedFrom, user, user + 1) : history,
    ...{ user, hidden, k: Math.min(k, items.length - hidden.length), tieRank },
  })
  /** Who is asking, as far as the recommender can tell: some know the users of training alone. */
  const somebodyOf = (request: Parameters<typeof resolveSomebody>[1]): Somebody => {
    const somebody = resolveSomebody(catalogue, request)
    if (recommender.needsUsers === undefined || somebody.by === 'popularity') return somebody
    return somebody.user >= 0 ? somebody : { ...somebody, by: 'popularity' }
  }
  const check = () => {
    if (closed) throw new RequestError('', `model ${info.id} is closed`)
  }
  const recommend: ServingModel['recommend'] = given => {
    check()
    const request = parseRequest(recommendRequest, given)
    const { requestId, k, allowSeen, diversity } = request
    const somebody = somebodyOf(request)
    const { history, by } = somebody
    const allowed = allow(request, allowSeen ? new Int32Array(0) : history.indices)
    const unknown = { ...somebody.unknown, ...allowed.unknown }
    let ranked = rankFor(somebody, allowed.hidden, diversity > 0 ? Math.max(POOL.least, POOL.perItem * k) : k)
    if (diversity > 0) ranked = diverse(ranked, diversity, k)
    if (!request.explain || by === 'popularity') return answer(requestId, by, ranked, unknown)
    const row = rowFor(somebody, allowed.hidden, k)
    const reasons = explain(kernels, recommender, row, ranked.items)
    const terms = ranked.items.length > 0 ? recommender.explain?.(requestOf(row), ranked.items) : undefined
    return answer(requestId, by, ranked, unknown, reasons, terms)
  }
  const diverse = (ranked: Ranked, diversity: number, k: number): Ranked => {
    const similarity = similarityAmong(recommender, ranked.items)
    const places = similarity ? diversify(ranked, similarity, diversity, k) : [...ranked.items.keys()].slice(0, k)
    return { items: places.map(place => ranked.items[place]), scores: places.map(place => ranked.scores[place]) }
  }
  return {
    info,
    recommend,
    recommendMany: requests => parseRequest(z.array(z.any()), requests).map(recommend),
    similar(given) {
      check()
      const request = parseRequest(similarRequest, given)
      const { requestId, item, items: several, k } = request
      if ((item === undefined) === (several === undefined))
        throw new RequestError(several ? 'items' : 'item', 'give either item or items')
      const { indices, unknown } = resolve(items, several ?? [item!])
      if (indices.length === 0)
        throw new RequestError(
          several ? 'items' : 'item',
          `unknown item "${several?.[0] ?? item}"${several && several.length > 1 ? ` and ${several.length - 1} others` : ''}`,
          'unknown-item',
        )
      const own = [...new Set(indices)].sort((a, b) => a - b)
      const allowed = allow(request satisfies AllowRequest, Int32Array.from(own))
      const most = Math.min(k, items.length - allowed.hidden.length)
      const ranked = most === 0 ? { items: [], scores: [] } : similar(own, allowed.hidden, most, tieRank)
      return answer(requestId, 'history', ranked, { ...allowed.unknown, ...(unknown > 0 && { items: unknown }) })
    },
    rank(given) {
      check()
      const request = parseRequest(rankRequest, given)
      const somebody = somebodyOf(request)
      const { indices, unknown } = resolve(items, request.items)
      const allowed = allow({ only: request.items }, new Int32Array(0))
      const ranked = rankFor(somebody, allowed.hidden, indices.length)
      const counts = { ...somebody.unknown, ...(unknown > 0 && { items: unknown }) }
      return answer(request.requestId, somebody.by, ranked, counts)
    },
    item: id => describeItem(catalogue, info, id),
    search(words, limit) {
      checkRequest('search', SEARCH, { words, limit })
      return searchItems(catalogue, info, words, limit)
    },
    historyOf(user) {
      const index = catalogue.users.indexOf(user)
      return index < 0 ? undefined : externalHistory(catalogue, index)
    },
    *users() {
      for (let user = 0; user < catalogue.users.length; user++) yield catalogue.users.at(user)
    },
    close() {
      closed = true
      kernels.close()
    },
  }
}

/** Oldest first where the order is known. */
function externalHistory({ items, histories: { offsets, indices, ages } }: Catalogue, user: number) {
  const entries = Array.from({ length: offsets[user + 1] - offsets[user] }, (_, at) => offsets[user] + at)
  if (ages) entries.sort((a, b) => ages[b] - ages[a])
  return entries.map(entry => items.at(indices[entry]))
}
