/** What the libraries' formulas are made of; ours, where they agree. */

import type { ListWithLength } from '../../evaluation/judged-lists.ts'
import { hitRate } from '../../metrics/hit-rate.ts'
import { map } from '../../metrics/map.ts'
import { countHits } from '../../metrics/metric.ts'
import { mrr } from '../../metrics/mrr.ts'
import { ndcg } from '../../metrics/ndcg.ts'
import { precision } from '../../metrics/precision.ts'
import { recall } from '../../metrics/recall.ts'
import type { ConventionMetric } from './convention.ts'

/** Our definitions under our names. */
export const ours = {
  recall: { gain: recall.value },
  ndcg: { gain: ndcg.value },
  precision: { gain: precision.value },
  map: { gain: map.value },
  mrr: { gain: mrr.value },
  'hit-rate': { gain: hitRate.value },
} satisfies Record<string, ConventionMetric>

/** min(K, |truth|): the most hits there can be */
export const possibleHits = ({ k, truth }: ListWithLength) => Math.min(k, truth)

/** Hits among the first K places. */
export const hitCount = (list: ListWithLength) => countHits(list)

/** Σ of a weight over the places with a hit; places count from 1. */
export function sumAtHits({ hits, k }: ListWithLength, weight: (place: number, found: number) => number): number {
  let found = 0
  let sum = 0
  for (let place = 1; place <= k; place++) if (hits[place - 1]) sum += weight(place, ++found)
  return sum
}

/** Σ of a weight over places 1 … n. */
export function sumOver(n: number, weight: (place: number) => number): number {
  let sum = 0
  for (let place = 1; place <= n; place++) sum += weight(place)
  return sum
}

/** Σ precision@p over the places p with a hit */
export const precisionsAtHits = (list: ListWithLength) => sumAtHits(list, (place, found) => found / place)
