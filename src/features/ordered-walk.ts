import { orderedWalk } from '../models/baselines/ordered-walk.ts'
import { defineNeighbourFeature } from './neighbours.ts'

export const orderedWalks = defineNeighbourFeature({
  name: 'ordered-walk',
  summary: 'Ordered-walk steps from history to candidate: sum, closest, newest.',
  source: 'baseline "ordered-walk"; the maximum over the history beside the sum: own',
  meaning: 'others went on from the history to it',
  baseline: orderedWalk,
  options: { decay: 1 },
})

/** The same over three places: what comes next, rather than what belongs to the same history. */
export const nextItems = defineNeighbourFeature({
  name: 'next-items',
  summary: 'Ordered-walk steps within three places: sum, closest, newest.',
  source: 'baseline "ordered-walk" with a window of 3',
  meaning: 'others took it right after the history',
  baseline: orderedWalk,
  options: { decay: 1, window: 3, shrinkage: 1, backward: 0.2 },
})
