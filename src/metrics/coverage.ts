import { defineListMetric, forEachListed } from './metric.ts'

/** coverage@K = different items in all lists / I. Items that some user has seen already count in I all the same. */
export const coverage = defineListMetric({
  name: 'coverage',
  summary: 'Share of the catalogue in at least one list.',
  source:
    'Ge, Delgado-Battenfeld, Jannach: "Beyond accuracy: evaluating recommender systems by coverage and serendipity", RecSys 2010 (catalogue coverage)',
  value(lists) {
    const { items } = lists.catalogue
    const listed = new Uint8Array(items)
    forEachListed(lists, item => {
      listed[item] = 1
    })
    return listed.reduce((sum, one) => sum + one, 0) / items
  },
})
