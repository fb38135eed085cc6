/** What a run says of figures that say little. */
import { expect, it } from 'vitest'
import { cautionsOf, type MetricsFile } from '../../src/run/metrics-file.ts'

const rows = [{ metrics: { 'recall@10': 1, 'recall@20': 1, 'ndcg@20': 1 } }] as unknown as MetricsFile['rows']

it('few users, and lists that hold most of a small catalogue, are cautioned against', () => {
  expect(cautionsOf({ rows, users: 16, items: 30 })).toEqual([
    'measured on 16 users: too few to tell rows apart',
    'lists of 20 hold half of the 30 items or more: Recall there says little, and NDCG more; give smaller --cutoffs (validation chooses epochs by Recall@20 all the same)',
  ])
  expect(cautionsOf({ rows, users: 500, items: 900 })).toEqual([])
  expect(cautionsOf({ rows })).toEqual([])
})
