import { z } from 'zod'
import { change, decimal } from '../../numbers.ts'
import { metricLabel } from '../../report/page/format.ts'
import { planted, plantedOptions } from './planted.ts'
import { defineStudy, type StudyRow } from './study.ts'
import { comparedRow, metricColumns } from './variants.ts'

export const noise = defineStudy({
  name: 'noise',
  summary: 'verdicts flipped at random; with --planted, what false negatives cost by loss and sampler',
  source: 'a control for DTL-NS, arXiv 2602.18249: whether a better judge would help at all',
  options: z.object({
    rates: z
      .array(z.number().min(0).max(1))
      .min(1)
      .default([0, 0.1, 0.2, 0.3, 0.5])
      .describe('shares of verdicts flipped at random'),
    ...plantedOptions.shape,
  }),
  instead: options => (options.planted.length > 0 ? planted : undefined),
  variants: ({ rates }) => [
    ...rates.map(flips => ({
      name: `${(100 * flips).toFixed(0)} % flipped`,
      options: { judge: 'prefix', flips },
      at: { 'share flipped': flips },
    })),
    { name: 'no judging', options: { compare: ['dual-tree'] }, method: comparedRow },
  ],
  columns: metric => [
    ...metricColumns(metric),
    { key: 'precision', title: "judge's precision", as: 'percent' },
    { key: 'positive share', title: 'judged positive', as: 'percent' },
  ],
  reference: { name: 'no judging', of: (_, rows) => rows[rows.length - 1] },
  figure: (rows, value) => ({ kind: 'line', x: 'share flipped', value, rows }),
  describe(rows, metric) {
    const value = ({ figures }: StudyRow) => figures[metric]
    const none = rows[rows.length - 1]
    const noisy = rows.slice(0, -1)
    const [first, last] = [noisy[0], noisy[noisy.length - 1]]
    const below = noisy.find(row => value(row) < value(none))
    const verdict = below
      ? `It falls below no judging at all (${decimal(value(none))}) with ${below.name}.`
      : `It never falls below no judging at all (${decimal(value(none))}): noise of this size does no harm that can be seen here.`
    return `${metricLabel(metric)} of DTL-NS goes from ${decimal(value(first))} with ${first.name} to ${decimal(value(last))} with ${last.name} (${change(value(first), value(last))}). ${verdict}`
  },
})
