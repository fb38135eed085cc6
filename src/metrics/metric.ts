/**
 * What a metric is. A *user* metric judges one list against what was held out of that user, and is averaged over the
 * users that have something held out; a *list* metric describes all lists together and knows no truth.
 *
 * Values are in [0, 1] and larger is better, unless the metric's summary says otherwise.
 */
import { z } from 'zod'
import { text } from '../options.ts'
import { type Part, partFields } from '../registry.ts'
import { callable, checkRequest } from '../requests.ts'

/** One user's list of K places, compared with the truth. */
export interface JudgedList {
  /** the cut-off; a list with fewer items left counts as filled up with misses */
  readonly k: number
  /** [≥ K] 1 where the item at that place, best first, was held out, else 0 */
  readonly hits: ArrayLike<number>
  /** number of items held out of this user, at least 1 */
  readonly truth: number
}

/** The lists of all evaluated users. */
export interface RankedLists {
  readonly k: number
  /** items before the first of the next list, at least K */
  readonly stride: number
  /** [lists × stride] best first, −1 where too few items were left */
  readonly items: Int32Array
  /** what there is to recommend, and how many interactions each item has in train */
  readonly catalogue: Catalogue
}

export interface Catalogue {
  /** I */
  readonly items: number
  /** users of train */
  readonly users: number
  /** [I] users who interacted with the item in train */
  readonly popularity: ArrayLike<number>
}

interface MetricPart extends Part {
  /** its short title in the table of a terminal; not shown there when absent */
  readonly heading?: string
}

export interface UserMetric extends MetricPart {
  readonly kind: 'user'
  value(list: JudgedList): number
}

export interface ListMetric extends MetricPart {
  readonly kind: 'list'
  value(lists: RankedLists): number
}

export type MetricDefinition = UserMetric | ListMetric

const { options: _, ...OF_PART } = partFields
const FIELDS = {
  ...{ ...OF_PART, heading: text.optional(), value: callable },
} satisfies Record<keyof Omit<UserMetric, 'kind' | 'options'>, z.ZodType>

/** A metric of single users. @throws UsageError for a field that is missing or misspelt */
export function defineUserMetric(definition: Omit<UserMetric, 'kind' | 'options'>): UserMetric {
  checkRequest('defineUserMetric', FIELDS, definition)
  return { ...definition, kind: 'user', options: z.object({}) }
}

/** A metric of all lists together. @throws UsageError for a field that is missing or misspelt */
export function defineListMetric(definition: Omit<ListMetric, 'kind' | 'options'>): ListMetric {
  checkRequest('defineListMetric', FIELDS, definition)
  return { ...definition, kind: 'list', options: z.object({}) }
}

/** Hits among the first K places. */
export function countHits({ hits, k }: JudgedList): number {
  let count = 0
  for (let place = 0; place < k; place++) count += hits[place]
  return count
}

/** Calls `visit` for every item in the first K places of every list. */
export function forEachListed({ items, stride, k }: RankedLists, visit: (item: number) => void): void {
  for (let start = 0; start < items.length; start += stride) {
    for (let place = start; place < start + k; place++) if (items[place] >= 0) visit(items[place])
  }
}
