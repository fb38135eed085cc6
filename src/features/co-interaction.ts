import { rp3beta } from '../models/baselines/rp3beta.ts'
import { defineNeighbourFeature } from './neighbours.ts'

/** Options as in the recommended preset: what one more search per data set changes, the learned weights make up for. */
export const coInteraction = defineNeighbourFeature({
  name: 'co-interaction',
  summary: 'RP³β walks from history to candidate: sum, closest, newest.',
  source: 'RP³β, Paudel et al., ACM TiiS 7 (2017); the maximum over the history beside the sum: own',
  meaning: 'users of both items',
  baseline: rp3beta,
  options: { alpha: 0.5, beta: 0.25, shrinkage: 2, neighbors: 1000 },
})
