import { z } from 'zod'
import { percent } from '../../numbers.ts'
import { defineStudy, type StudyRow } from './study.ts'
import { bestOf, judgeColumns, judgesOption, judgeVariants, ledgersOption, ledgerVariants } from './variants.ts'

export const identification = defineStudy({
  name: 'identification',
  summary: 'whether judges find false negatives',
  source: 'DTL-NS, arXiv 2602.18249, Figure 1; differs: against held-out or planted interactions, with controls',
  options: z.object({
    judges: judgesOption,
    ledgers: ledgersOption,
    minPrefixes: z.array(z.int().min(1).max(127)).default([1, 2, 3, 4, 5]).describe('thresholds of the judge prefix'),
  }),
  until: 'judge',
  variants: ({ judges, ledgers, minPrefixes }) => [
    ...judgeVariants(judges),
    ...ledgerVariants(ledgers),
    ...minPrefixes.map(minPrefix => ({
      name: minPrefix === 1 ? 'prefix, 1 step' : `prefix, ${minPrefix} steps`,
      options: { judge: 'prefix', minPrefix },
      at: { 'shared steps': minPrefix },
    })),
  ],
  columns: () => [
    ...judgeColumns,
    { key: 'f1', title: 'F1', as: 'percent' },
    { key: 'lift', title: 'precision / base rate', as: 'decimal' },
  ],
  figure: rows => ({
    kind: 'dots',
    value: 'precision',
    rows,
    level: { name: 'the base rate, of calling everything positive', value: rows[0].figures['base rate'] },
  }),
  describe(rows) {
    const best = bestOf(rows, 'precision')
    const rate = rows[0].figures['base rate']
    const says = ({ name, figures }: StudyRow) =>
      `${name} calls ${percent(figures['positive share'])} positive, with precision ${percent(figures.precision)} and recall ${percent(figures.recall)}`
    return `Of all candidates, ${percent(rate)} are interactions that were hidden from the judges: that is the precision of calling everything positive. ${rows[0] === best ? '' : `${says(rows[0])}. `}Most precise is the following: ${says(best)}, ${best.figures.lift.toFixed(2)} times the base rate.`
  },
})
