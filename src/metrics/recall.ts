import { countHits, defineUserMetric } from './metric.ts'

/**
 * recall@K = hits / |truth|.
 *
 * With more than K items held out it cannot reach 1; some libraries divide by min(K, |truth|) instead.
 */
export const recall = defineUserMetric({
  name: 'recall',
  heading: 'Recall',
  summary: 'Share of the held-out items in the list.',
  source: 'Wang et al.: "Neural graph collaborative filtering", SIGIR 2019, arXiv 1905.08108, as its code computes it',
  value: list => countHits(list) / list.truth,
})
