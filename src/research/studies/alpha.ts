import { z } from 'zod'
import { change, decimal } from '../../numbers.ts'
import { metricLabel } from '../../report/page/format.ts'
import { defineStudy, type StudyRow } from './study.ts'
import { bestOf, metricColumns } from './variants.ts'

const weights = (symbol: string, tree: string) =>
  z
    .array(z.number().min(0).max(10))
    .min(1)
    .default([0, 0.1, 0.3, 0.5])
    .describe(`values of ${symbol}; the weight of the ${tree} tree; one training per pair of values`)

const at = (row: StudyRow) => `α_c = ${row.at.α_c}, α_s = ${row.at.α_s}`

/** The trees then choose no negative. */
const isWithout = ({ at }: StudyRow) => at.α_c === 0 && at.α_s === 0

export const alpha = defineStudy({
  name: 'alpha',
  summary: 'how much weight the two code similarities should have',
  source: 'DTL-NS, arXiv 2602.18249, Figure 4',
  options: z.object({
    structuralWeights: weights('α_c', 'structural'),
    semanticWeights: weights('α_s', 'semantic'),
  }),
  variants: ({ structuralWeights, semanticWeights }) =>
    structuralWeights.flatMap(structuralWeight =>
      semanticWeights.map(semanticWeight => ({
        name: `α_c ${structuralWeight}, α_s ${semanticWeight}`,
        options: { structuralWeight, semanticWeight },
        at: { α_c: structuralWeight, α_s: semanticWeight },
      })),
    ),
  columns: metricColumns,
  reference: { name: 'no weight at all', of: (_, rows) => rows.find(isWithout) },
  figure: (rows, value) => ({ kind: 'heat', x: 'α_c', y: 'α_s', value, rows }),
  describe(rows, metric) {
    const best = bestOf(rows, metric)
    const worst = rows.reduce((a, b) => (b.figures[metric] < a.figures[metric] ? b : a))
    const none = rows.find(isWithout)
    const value = (row: StudyRow) => decimal(row.figures[metric])
    const against = none
      ? ` Without any weight, where the trees choose no negative, it is ${value(none)}: the best pair changes it by ${change(none.figures[metric], best.figures[metric])}.`
      : ''
    return `${metricLabel(metric)} of DTL-NS is highest at ${at(best)} (${value(best)}) and lowest at ${at(worst)} (${value(worst)}) among ${rows.length} pairs of weights.${against}`
  },
})
