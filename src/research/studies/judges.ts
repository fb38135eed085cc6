import { z } from 'zod'
import { decimal, percent } from '../../numbers.ts'
import { metricLabel } from '../../report/page/format.ts'
import { defineStudy } from './study.ts'
import {
  againstFirst,
  bestOf,
  comparedRow,
  judgeColumns,
  judgesOption,
  judgeVariants,
  ledgersOption,
  ledgerVariants,
  listAgainst,
  metricColumns,
} from './variants.ts'

export const judges = defineStudy({
  name: 'judges',
  summary: 'what DTL-NS gains from several judges, against none',
  source: 'DTL-NS, arXiv 2602.18249, its comparison of language models; differs: with controls',
  options: z.object({ judges: judgesOption, ledgers: ledgersOption }),
  variants: options => [
    { name: 'no judging', options: { compare: ['dual-tree'] }, method: comparedRow },
    ...judgeVariants(options.judges),
    ...ledgerVariants(options.ledgers),
  ],
  columns: metric => [...metricColumns(metric), ...judgeColumns],
  ...againstFirst('no judging'),
  describe(rows, metric) {
    const [none, ...judged] = rows
    const [best, precise] = [bestOf(judged, metric), bestOf(judged, 'precision')]
    const same = best === precise ? 'It is also the most precise one' : `The most precise is ${precise.name}`
    return `Without judging, ${metricLabel(metric)} is ${decimal(none.figures[metric])}. With a judge: ${listAgainst(judged, none, metric)}. The best judge for the model is ${best.name}. ${same} (${percent(precise.figures.precision)} of its positives are held-out interactions).`
  },
})
