import { defineUserMetric } from '../../../src/metrics/metric.ts'

/** r-precision@K = hits among the first R places / R, with R = min(K, |truth|). */
export const rPrecision = defineUserMetric({
  name: 'r-precision',
  summary: 'Precision at the place by which all held-out items could be listed.',
  source: 'Buckley & Voorhees, SIGIR 2000; differs: cut at K',
  value({ hits, k, truth }) {
    const places = Math.min(k, truth)
    let found = 0
    for (let place = 0; place < places; place++) found += hits[place]
    return found / places
  },
})
