/** Items of a model as somebody looks at them. */

import type { ItemInfo } from '../answers/schema.ts'
import type { ModelInfo } from '../model/serving-model.ts'
import type { Catalogue } from './catalogue.ts'

export function describeItem(catalogue: Catalogue, info: ModelInfo, id: string | number): ItemInfo | undefined {
  const { items, notRecommendable } = catalogue
  const item = items.indexOf(id)
  if (item >= 0) return describe(catalogue, info, item)
  const other = notRecommendable.indexOf(id)
  return other < 0 ? undefined : { item: notRecommendable.at(other), users: 0, recommendable: false }
}

function describe(
  { items, titles, attributes, codes, popularity }: Catalogue,
  info: ModelInfo,
  item: number,
): ItemInfo {
  const title = titles?.at(item)
  const cold = item >= info.items - info.coldItems
  const places = Object.entries(codes).map(([view, column]) => [view, column.at(item)])
  return {
    item: items.at(item),
    ...(title && { title }),
    users: popularity[item],
    recommendable: true,
    ...(cold && { cold: true }),
    ...(attributes.length > 0 && {
      attributes: Object.fromEntries(attributes.map(({ name, at }) => [name, at(item)])),
    }),
    ...(places.length > 0 && !cold && { codes: Object.fromEntries(places) }),
  }
}

/** Items whose title or id has all the words, popular ones first. */
export function searchItems(catalogue: Catalogue, info: ModelInfo, words: string, limit: number): ItemInfo[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const { items, titles, popularity, tieRank } = catalogue
  const matches: number[] = []
  for (let item = 0; item < items.length; item++) {
    const text = `${items.at(item)} ${titles?.at(item) ?? ''}`.toLowerCase()
    if (wanted.every(word => text.includes(word))) matches.push(item)
  }
  matches.sort((a, b) => popularity[b] - popularity[a] || tieRank[a] - tieRank[b])
  return matches.slice(0, limit).map(item => describe(catalogue, info, item))
}
