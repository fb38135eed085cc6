import type { Convention } from './convention.ts'
import { ours, precisionsAtHits, sumAtHits, sumOver } from './formulas.ts'

const discount = (place: number) => 1 / Math.log2(place + 1)

export const rectools: Convention = {
  name: 'rectools',
  library: 'RecTools 0.19.0',
  source: 'rectools/metrics/ranking.py, rectools/metrics/classification.py, rectools/models/base.py',
  mask: 'train',
  maskCause: 'masks train only (filter_viewed)',
  notes: ['NDCG(divide_by_achievable=True) is ours', 'users of the table of interactions without a list count as 0'],
  metrics: {
    ...ours,
    ndcg: {
      gain: list => sumAtHits(list, discount) / sumOver(list.k, discount),
      cause: 'the ideal list has K hits, however few items are held out',
    },
    map: { gain: list => precisionsAtHits(list) / list.truth, cause: 'divided by |truth|, not by min(K, |truth|)' },
  },
}
