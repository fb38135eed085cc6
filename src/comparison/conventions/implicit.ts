import type { Convention } from './convention.ts'
import { hitCount, ours, possibleHits } from './formulas.ts'

export const implicit: Convention = {
  name: 'implicit',
  library: 'implicit 0.7.3',
  source: 'implicit/evaluation.pyx (ranking_metrics_at_k)',
  mask: 'train',
  maskCause: 'masks train only (train_user_items)',
  notes: ['users without test items are skipped', 'there is no recall: its precision divides by min(K, |truth|)'],
  metrics: {
    precision: {
      gain: hitCount,
      weight: possibleHits,
      cause: 'Σ hits / Σ min(K, |truth|): one ratio over all users',
    },
    ndcg: ours.ndcg,
    map: ours.map,
  },
}
