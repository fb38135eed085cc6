import type { Convention } from './convention.ts'
import { ours, sumAtHits, sumOver } from './formulas.ts'

export const elliot: Convention = {
  name: 'elliot',
  library: 'elliot 0.3.1',
  source:
    'elliot/evaluation/metrics/accuracy, elliot/evaluation/relevance/relevance.py, elliot/dataset/dataset.py (allunrated_mask)',
  mask: 'train',
  maskCause: 'masks train only (allunrated_mask)',
  notes: [
    'gains are 2^(rating − threshold + 1) − 1, the same for every item when ratings are all equal',
    'users with nothing relevant held out are left out',
  ],
  metrics: {
    ...ours,
    map: {
      // a hit at place p counts in precision@n of every n from p to K
      gain: list => sumAtHits(list, place => sumOver(list.k, n => (n < place ? 0 : 1 / n))) / list.k,
      cause: 'mean of precision@n over all n up to K, not over the hits',
    },
  },
}
