import { describe, expect, it } from 'vitest'
import { type ConventionMetricName, scoreLists } from '../../src/comparison/conventions/convention.ts'
import { conventions } from '../../src/comparison/conventions/index.ts'
import { buildCsr } from '../../src/dataset/csr.ts'
import { sealTruth } from '../../src/dataset/truth.ts'
import { judgeLists } from '../../src/evaluation/judged-lists.ts'

const K = 4
/** Five users over ten items: one hit, hits in odd places, one at the end of many, more held out than K, a short list. */
const LISTS = [
  [3, 1, 4, 5],
  [2, 7, 0, 9],
  [8, 6, 5, 4],
  [0, 1, 2, 3],
  [9, 8, -1, -1],
]
const TRUTH = [[1], [0, 2], [1, 2, 3, 9], [0, 1, 2, 3, 6, 7], [1, 2, 8]]

/**
 * What the libraries give for these lists at K = 4, computed once with the versions that the conventions name:
 * `rectools.metrics.calc_metrics`, `implicit.evaluation.ranking_metrics_at_k` (over a model that returns the lists),
 * `lenskit.metrics.RunAnalysis`, and `metric_info` of `recbole.evaluator.metrics`. elliot's is by its formulas: its MAP is
 * the mean of all 20 precisions, the rest is ours.
 */
const EXPECTED: Readonly<Record<string, Partial<Record<ConventionMetricName, number>>>> = {
  recbole: { recall: 0.6, ndcg: 0.5693464907371022, precision: 0.4, map: 0.5, mrr: 0.6, 'hit-rate': 0.8 },
  rectools: {
    recall: 0.6,
    ndcg: 0.4156349704939225,
    precision: 0.4,
    map: 0.4333333333333333,
    mrr: 0.6,
    'hit-rate': 0.8,
  },
  elliot: {
    recall: 0.6,
    ndcg: 0.5693464907371022,
    precision: 0.4,
    map: 0.4416666666666667,
    mrr: 0.6,
    'hit-rate': 0.8,
  },
  lenskit: {
    recall: 0.6666666666666667,
    ndcg: 0.6391117287003326,
    precision: 0.45,
    map: 0.5166666666666666,
    mrr: 0.6,
    'hit-rate': 0.8,
  },
  implicit: { ndcg: 0.569346490737102, precision: 0.5714285714285714, map: 0.5 },
}

const rows = TRUTH.flatMap((items, user) => items.map(() => user))
const truth = sealTruth(buildCsr(rows, TRUTH.flat(), 5, 10).pattern, 10)
const lists = judgeLists(Int32Array.from(LISTS.flat()), K, truth)

describe('the definitions of other libraries', () => {
  it('judge the lists that the libraries judged', () => {
    expect(lists.map(({ hits, truth, listed }) => [[...(hits as Uint8Array)].join(''), truth, listed])).toEqual([
      ['0100', 1, 4],
      ['1010', 2, 4],
      ['0000', 4, 4],
      ['1111', 6, 4],
      ['0100', 3, 2],
    ])
  })

  it.each(conventions)('$library gives what the library gives, within 1e-14', convention => {
    const expected = EXPECTED[convention.name]
    const found = scoreLists(convention, lists)
    for (const [metric, value] of Object.entries(found))
      expect(value, metric).toEqual(
        expected[metric as ConventionMetricName] === undefined
          ? undefined
          : expect.closeTo(expected[metric as ConventionMetricName]!, 14),
      )
    expect(Object.keys(convention.metrics).sort()).toEqual(Object.keys(expected).sort())
  })

  it('name a cause where the formula differs from ours, and none where it does not', () => {
    const ours = EXPECTED.recbole
    for (const { name, metrics } of conventions) {
      for (const [metric, { cause }] of Object.entries(metrics) as [ConventionMetricName, { cause?: string }][]) {
        const same = Math.abs(EXPECTED[name][metric]! - ours[metric]!) < 1e-12
        expect({ name, metric, named: cause !== undefined }).toEqual({ name, metric, named: !same })
      }
    }
  })

  it('have empty lists and no lists', () => {
    const empty = { k: 4, hits: new Uint8Array(4), truth: 2, listed: 0 }
    for (const convention of conventions)
      for (const value of Object.values(scoreLists(convention, [empty]))) expect([0, undefined]).toContain(value)
    expect(scoreLists(conventions[0], []).ndcg).toBeNaN()
  })
})
