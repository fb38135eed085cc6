import { defineListMetric, forEachListed } from './metric.ts'

/**
 * gini@K = Σ_r (2r − I − 1) x_r / (I Σ x), where x_1 ≤ … ≤ x_I are the numbers of lists that each item is in, items in
 * no list included. 0: all items equally often; 1 − 1/I: always the same one. NaN when all lists are empty.
 */
export const gini = defineListMetric({
  name: 'gini',
  summary: 'Inequality of recommendations over the catalogue; smaller is more even.',
  source: 'Fleder & Hosanagar: "Blockbuster culture\'s next rise or fall", Management Science 55 (2009)',
  value(lists) {
    const { items } = lists.catalogue
    const counts = new Float64Array(items)
    forEachListed(lists, item => {
      counts[item]++
    })
    counts.sort()
    let weighted = 0
    let total = 0
    counts.forEach((count, index) => {
      weighted += (2 * (index + 1) - items - 1) * count
      total += count
    })
    return weighted / (items * total)
  },
})
