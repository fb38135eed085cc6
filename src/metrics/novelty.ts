import { defineListMetric, forEachListed } from './metric.ts'

/**
 * novelty@K = the mean over all listed items of −log2(users of the item / users), by train. 0: everyone knows every
 * item listed; not bounded by 1. An item without interactions counts as one with a single user. NaN when all lists are empty.
 */
export const novelty = defineListMetric({
  name: 'novelty',
  summary: 'Mean self-information of the list in bits: larger for less popular items.',
  source:
    'Zhou et al.: "Solving the apparent diversity–accuracy dilemma of recommender systems", PNAS 107 (2010); differs: an item without users counts as having one',
  value(lists) {
    const { popularity, users } = lists.catalogue
    const bitsOf = Float64Array.from(popularity, count => Math.log2(Math.max(1, count) / users))
    let bits = 0
    let listed = 0
    forEachListed(lists, item => {
      bits -= bitsOf[item]
      listed++
    })
    return bits / listed
  },
})
