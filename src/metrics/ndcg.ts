import { defineUserMetric } from './metric.ts'

/** 1 / log2(p + 2) for places p = 0, 1, …: those that every evaluation needs. */
const DISCOUNTS = Float64Array.from({ length: 1000 }, (_, place) => 1 / Math.log2(place + 2))

/**
 * ndcg@K = DCG / IDCG with DCG = Σ_{places p ≤ K with a hit} 1 / log2(p + 1), p counting from 1, and IDCG the same sum
 * over the first min(K, |truth|) places.
 *
 * Binary gains, so the gain 2^rel − 1 of other definitions is the same.
 */
export const ndcg = defineUserMetric({
  name: 'ndcg',
  heading: 'NDCG',
  summary: 'Discounted gain relative to the ideal list: early hits count more.',
  source:
    'Järvelin & Kekäläinen: "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20 (2002); differs: the discount is log2(p + 1) at every place',
  value({ hits, k, truth }) {
    let gain = 0
    let ideal = 0
    for (let place = 0; place < k; place++) {
      const discount = DISCOUNTS[place] ?? 1 / Math.log2(place + 2)
      if (hits[place]) gain += discount
      if (place < truth) ideal += discount
    }
    return gain / ideal
  },
})
