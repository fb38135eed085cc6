import { countHits, defineUserMetric } from './metric.ts'

/** precision@K = hits / K. The divisor is K also for a list that had fewer items left. */
export const precision = defineUserMetric({
  name: 'precision',
  heading: 'Prec',
  summary: 'Share of the list that was held out.',
  source: 'Herlocker et al.: "Evaluating collaborative filtering recommender systems", ACM TOIS 22 (2004)',
  value: list => countHits(list) / list.k,
})
