import { z } from 'zod'
import { decimal } from '../../numbers.ts'
import { metricLabel } from '../../report/page/format.ts'
import { defineStudy, type Question, type StudyRow, type Variant } from './study.ts'
import {
  againstFirst,
  baseRow,
  bestOf,
  comparedRow,
  judgeColumns,
  ledgersOption,
  ledgerVariants,
  listAgainst,
  metricColumns,
} from './variants.ts'

/** One tree is left out of the negatives, and of the rule where that is the judge. */
function withoutTree(tree: 'structural' | 'semantic', { judge }: Question['plan']): Variant {
  const views = tree === 'structural' ? 'semantic' : 'structural'
  return {
    name: `without ${tree} tree`,
    options: { [`${tree}Weight`]: 0, ...(judge.name === 'prefix' && { views }) },
  }
}

export const ablation = defineStudy({
  name: 'ablation',
  summary: 'what each part of DTL-NS adds, by leaving it out',
  source: 'DTL-NS, arXiv 2602.18249, Figure 5; differs: controls for the judge as well',
  options: z.object({ ledgers: ledgersOption }),
  variants: ({ ledgers }, { plan }) => [
    { name: 'whole', options: {} },
    withoutTree('structural', plan),
    withoutTree('semantic', plan),
    { name: 'without multi-view negatives', options: { sampler: plan.baseSampler.name } },
    { name: 'without judging', options: { compare: ['dual-tree'] }, method: comparedRow },
    { name: 'without either: the base model', options: {}, method: baseRow },
    { name: 'judge: prefix rule', options: { judge: 'prefix' } },
    { name: 'judge: accept-all', options: { judge: 'accept-all' } },
    {
      name: 'judge: random, as many as the first',
      options: rows => ({ judge: 'random', rate: rows[0].figures['positive share'] }),
    },
    ...ledgerVariants(ledgers).map(variant => ({ ...variant, name: `judge: ${variant.name}` })),
  ],
  columns: metric => [...metricColumns(metric), judgeColumns[0]],
  ...againstFirst('the whole'),
  describe(rows, metric) {
    const [whole, ...others] = rows
    const value = ({ figures }: StudyRow) => figures[metric]
    const better = others.filter(row => value(row) > value(whole))
    const worse = others.filter(row => value(row) < value(whole))
    const best = bestOf(rows, metric)
    const sentences = [`With all its parts, DTL-NS reaches ${metricLabel(metric)} ${decimal(value(whole))}.`]
    if (worse.length) sentences.push(`Lower are ${listAgainst(worse, whole, metric)}.`)
    if (better.length) sentences.push(`Higher are ${listAgainst(better, whole, metric)}.`)
    sentences.push(best === whole ? 'No variant is better than the whole.' : `The best variant is "${best.name}".`)
    return sentences.join(' ')
  },
})
