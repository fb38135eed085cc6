import { countHits, defineUserMetric } from './metric.ts'

/** hit-rate@K = 1 when at least one held-out item is in the list, else 0. */
export const hitRate = defineUserMetric({
  name: 'hit-rate',
  heading: 'Hit',
  summary: 'Share of users with a held-out item in the list.',
  source:
    'Deshpande & Karypis: "Item-based top-N recommendation algorithms", ACM TOIS 22 (2004); differs: any number of items may be held out',
  value: list => (countHits(list) > 0 ? 1 : 0),
})
