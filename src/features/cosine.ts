import { itemKnn } from '../models/baselines/item-knn.ts'
import { defineNeighbourFeature } from './neighbours.ts'

export const cosine = defineNeighbourFeature({
  name: 'cosine',
  summary: 'Cosines over users: sum, closest, newest.',
  source: 'Deshpande & Karypis, ACM TOIS 22 (2004), shrinkage 40; the maximum over the history beside the sum: own',
  meaning: 'much the same users',
  baseline: itemKnn,
  options: { shrinkage: 40, power: 1.5 },
})
