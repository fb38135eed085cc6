/** A served model whose answers are known: items 1 … 50, the popular ones first, those of a history left out. */

import { parseRequest } from '../../src/serving/answers/request.ts'
import type { Answer } from '../../src/serving/answers/schema.ts'
import { rankRequest, recommendRequest, similarRequest } from '../../src/serving/answers/schema.ts'
import { RequestError, type ServingModel } from '../../src/serving/model/serving-model.ts'

export interface FakeModel extends ServingModel {
  isClosed(): boolean
}

const ITEMS = 50
const known = (id: string | number) => /^\d+$/.test(String(id)) && Number(id) >= 1 && Number(id) <= ITEMS

/** User 7 has bought 1 and 2; nobody else is known. */
export function fakeModel(id = 'fake@1'): FakeModel {
  let closed = false
  const check = () => {
    if (closed) throw new Error('the model is closed')
  }
  const answer = (requestId: string | undefined, by: Answer['by'], items: number[]): Answer => ({
    requestId: requestId ?? 'none',
    model: id,
    by,
    items: items.map((item, rank) => ({ item, title: titleOf(item), score: 1 / (1 + rank) })),
  })
  const idsOf = (history: readonly (string | number | { item: string | number })[] = []) =>
    history.map(entry => String(typeof entry === 'object' ? entry.item : entry))

  const model: FakeModel = {
    info: {
      ...{ id, method: 'fake', fittedOn: 'all', users: 1, items: ITEMS, coldItems: 0, notRecommendable: 0 },
      ...{ attributes: ['stock'], dataHash: 'abc', version: '0', metrics: { 'recall@20': 0.5 } },
    },
    recommend(given) {
      check()
      const request = parseRequest(recommendRequest, given)
      if (request.filter?.includes('colour')) throw new RequestError('filter', 'unknown attribute "colour"')
      const history = idsOf(request.history ?? (request.user === undefined ? [] : model.historyOf(request.user)))
      const seen = new Set(request.allowSeen ? [] : history)
      const excluded = new Set(idsOf(request.exclude))
      const items = Array.from({ length: ITEMS }, (_, index) => index + 1).filter(
        item => !seen.has(String(item)) && !excluded.has(String(item)),
      )
      const unknown = history.filter(item => !known(item)).length
      const by =
        request.user !== undefined && String(request.user) === '7'
          ? 'user'
          : history.some(known)
            ? 'history'
            : 'popularity'
      const { items: found, ...rest } = answer(request.requestId, by, items.slice(0, request.k))
      const because = history
        .filter(known)
        .slice(-1)
        .map(item => ({ item, title: titleOf(Number(item)) }))
      return {
        ...rest,
        items: request.explain
          ? found.map(entry => ({ ...entry, because: because.map(own => ({ ...own, contribution: entry.score / 2 })) }))
          : found,
        ...(unknown > 0 && { unknown: { history: unknown } }),
      }
    },
    recommendMany: requests => requests.map(model.recommend),
    similar(given) {
      check()
      const request = parseRequest(similarRequest, given)
      const items = request.items ?? (request.item === undefined ? [] : [request.item])
      if (items.length === 0) throw new RequestError('item', 'must be given')
      if (!items.some(known)) throw new RequestError('item', `unknown item "${items[0]}"`, 'unknown-item')
      const first = Number(items.find(known))
      return answer(
        request.requestId,
        'history',
        Array.from({ length: request.k }, (_, i) => ((first + i) % ITEMS) + 1),
      )
    },
    rank(given) {
      check()
      const { requestId, items } = parseRequest(rankRequest, given)
      return answer(requestId, 'history', items.filter(known).map(Number))
    },
    item: item =>
      known(item)
        ? {
            item: Number(item),
            title: titleOf(Number(item)),
            users: 5,
            recommendable: true,
            codes: { structural: `0-${Number(item) % 4}-${Number(item) % 3}`, semantic: `${Number(item) % 4}-3-1` },
          }
        : undefined,
    search(words, limit) {
      const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
      const all = Array.from({ length: ITEMS }, (_, index) => model.item(index + 1)!)
      return all.filter(({ title }) => wanted.every(word => title!.toLowerCase().includes(word))).slice(0, limit)
    },
    users: () => [7],
    historyOf: user => (String(user) === '7' ? [1, 2] : undefined),
    close() {
      closed = true
    },
    isClosed: () => closed,
  }
  return model
}

const KINDS = ['Trail running shoe', 'Merino hiking sock', 'Water bottle', 'Yoga mat', 'Camping stove']

const titleOf = (item: number) => `${KINDS[item % KINDS.length]} ${item}`
