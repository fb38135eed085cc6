import { expect, it } from 'vitest'
import { metricName, metricValue } from '../../src/report/page/format.ts'

it('knows the metrics’ names', () => {
  expect(metricName('hit-rate@20')).toEqual({ label: 'Hit rate', name: 'hit-rate', cutoff: 20 })
  expect(metricName('ndcg@5').label).toBe('NDCG')
  expect(metricName('auc')).toEqual({ label: 'Auc', name: 'auc' })
  expect(metricValue('novelty@10', 9.2314)).toBe('9.23')
  expect(metricValue('recall@10', 0.2)).toBe('0.2000')
})
