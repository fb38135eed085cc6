import { defineUserMetric } from './metric.ts'

/**
 * map@K = Σ_{places p ≤ K with a hit} precision@p / min(K, |truth|); the mean over users is taken by the evaluation.
 *
 * The divisor makes 1 reachable when more than K items are held out.
 */
export const map = defineUserMetric({
  name: 'map',
  summary: 'Mean precision at each hit.',
  source:
    'Buckley & Voorhees: "Evaluating evaluation measure stability", SIGIR 2000; differs: cut at K and divided by min(K, |truth|)',
  value({ hits, k, truth }) {
    let found = 0
    let sum = 0
    for (let place = 0; place < k; place++) {
      if (!hits[place]) continue
      found++
      sum += found / (place + 1)
    }
    return sum / Math.min(k, truth)
  },
})
