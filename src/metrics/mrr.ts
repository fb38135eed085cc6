import { defineUserMetric } from './metric.ts'

/** mrr@K = 1 / place of the first hit (places count from 1); 0 without a hit among the first K. */
export const mrr = defineUserMetric({
  name: 'mrr',
  summary: 'Reciprocal rank of the first held-out item.',
  source: 'Voorhees: "The TREC-8 question answering track report", 1999',
  value({ hits, k }) {
    for (let place = 0; place < k; place++) if (hits[place]) return 1 / (place + 1)
    return 0
  },
})
