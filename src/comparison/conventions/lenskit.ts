import type { Convention } from './convention.ts'
import { hitCount, ours, possibleHits, precisionsAtHits, sumAtHits, sumOver } from './formulas.ts'

/** Järvelin & Kekäläinen's: the first two places weigh the same. */
const discount = (place: number) => 1 / Math.log2(Math.max(place, 2))

export const lenskit: Convention = {
  name: 'lenskit',
  library: 'LensKit 2025.8.1',
  source:
    'lenskit/metrics/ranking/_dcg.py, _weighting.py, _pr.py, _map.py, _recip.py, lenskit/metrics/bulk.py, lenskit/basic/candidates.py',
  mask: 'train',
  maskCause: 'masks train only (UnratedTrainingItemsCandidateSelector)',
  notes: [
    'a list of a user without test data has no value, which the summary fills up with 0: here such users are left out',
    'LogRankWeight(offset=1) is our discount',
  ],
  metrics: {
    ...ours,
    recall: { gain: list => hitCount(list) / possibleHits(list), cause: 'divided by min(K, |truth|), not by |truth|' },
    ndcg: {
      gain: list => sumAtHits(list, discount) / sumOver(possibleHits(list), discount),
      cause: 'discount log2(place), 1 at the first two places, not log2(place + 1)',
    },
    precision: {
      gain: list => (list.listed === 0 ? 0 : hitCount(list) / list.listed),
      cause: 'divided by the length of the list, not by K',
    },
    map: {
      gain: list => (list.listed === 0 ? 0 : precisionsAtHits(list) / Math.min(list.truth, list.listed)),
      cause: 'divided by min(|truth|, length of the list)',
    },
  },
}
