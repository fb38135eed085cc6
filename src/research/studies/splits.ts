import { z } from 'zod'
import { splitNames } from '../../dataset/source.ts'
import { change, decimal } from '../../numbers.ts'
import { metricLabel } from '../../report/page/format.ts'
import { finalMethod } from '../../run/method-names.ts'
import { defineStudy, type StudyRow } from './study.ts'
import { baseRow, bestOf, metricColumns } from './variants.ts'

const METHODS = [
  ['base model', baseRow],
  ['dtl-ns', finalMethod],
  ['ease', () => 'ease'],
  ['item-knn', () => 'item-knn'],
  ['popularity', () => 'popularity'],
] as const

export const splits = defineStudy({
  name: 'splits',
  summary: 'whether gains on a random split hold when the future is held out',
  source: 'Ji et al., A Critical Study on Data Leakage in Recommender System Offline Evaluation, arXiv 2010.11060',
  options: z.object({
    splits: z
      .array(z.enum(splitNames))
      .min(1)
      .default(['random', 'global-time'])
      .describe('what is held out; the times need a clock, or per-user-time for data with an order alone'),
  }),
  holdsBaselines: true,
  variants: options =>
    options.splits.flatMap(split =>
      METHODS.map(([name, method]) => ({ name: `${split}: ${name}`, options: { split }, method, at: { split, name } })),
    ),
  columns: metricColumns,
  reference: { name: 'the base model', of: ({ at }, rows) => rows.find(row => row.at.split === at.split) },
  figure: (rows, value) => ({ kind: 'dots', value, rows }),
  describe(rows, metric) {
    const value = ({ figures }: StudyRow) => figures[metric]
    const groups = Map.groupBy(rows, ({ at }) => String(at.split))
    const sentences = Array.from(groups, ([split, own]) => {
      const [base, final] = own
      const best = bestOf(own, metric)
      return `On the split ${split}, DTL-NS reaches ${metricLabel(metric)} ${decimal(value(final))}, ${change(value(base), value(final))} against its base model, and the best method is ${best.at.name} (${decimal(value(best))}).`
    })
    return sentences.join(' ')
  },
})
