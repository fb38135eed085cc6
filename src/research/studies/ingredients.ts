import { z } from 'zod'
import { change, decimal } from '../../numbers.ts'
import { metricLabel } from '../../report/page/format.ts'
import { baselineOfFinal, FINAL_METHOD, finalMethod } from '../../run/method-names.ts'
import type { RunPlan } from '../../run/options/plan.ts'
import { samplers } from '../../samplers/index.ts'
import { defineStudy, type StudyRow, type Variant } from './study.ts'
import { againstFirst, bestOf, comparedRow, metricColumns } from './variants.ts'

const isWrapped = ({ sampler }: RunPlan) => samplers.get(sampler.name).kind === 'decorator'

/** Each with the plans that have such an ingredient. */
const parts: readonly { has(plan: RunPlan): boolean; variant(plan: RunPlan): Variant }[] = [
  {
    has: ({ fusion }) => fusion !== undefined,
    variant: () => ({ name: 'not fused', options: {}, method: () => FINAL_METHOD }),
  },
  {
    has: ({ fusion }) => fusion !== undefined,
    variant: ({ fusion }) => ({
      name: `${fusion!.baseline.name} alone`,
      options: { baselines: [fusion!.baseline.name] },
      method: () => fusion!.baseline.name,
    }),
  },
  {
    has: () => true,
    variant: () => ({ name: 'without judging and dual-tree negatives', options: {}, method: baselineOfFinal }),
  },
  {
    has: ({ fusion, run }) => fusion !== undefined && run.rerank === 'none',
    variant: () => ({ name: 'ranked again', options: { rerank: 'learned' }, method: finalMethod }),
  },
  {
    has: ({ model }) => Number(model.options.itemGraphWeight ?? 0) > 0,
    variant: () => ({ name: 'without the item graph', options: { itemGraphWeight: 0 } }),
  },
  {
    has: () => true,
    variant: ({ sampler }) => ({ name: 'without judging', options: { compare: [sampler.name] }, method: comparedRow }),
  },
  {
    has: ({ enhance }) => enhance.use !== 'exclude',
    variant: () => ({ name: 'judged only excluded', options: { use: 'exclude' } }),
  },
  {
    has: ({ judge }) => judge.name !== 'accept-all',
    variant: () => ({ name: 'without the verdict of the trees', options: { judge: 'accept-all' } }),
  },
  {
    has: ({ proposer }) => proposer !== undefined,
    variant: () => ({ name: 'candidates of the base model', options: { candidateModel: 'base' } }),
  },
  {
    has: ({ sampler }) => Number(sampler.options.candidateNegatives ?? 0) > 10,
    variant: () => ({ name: '10 draws per negative', options: { candidateNegatives: 10 } }),
  },
  {
    has: plan => samplers.get(plan.sampler.name).kind === 'scoring',
    variant: ({ sampler }) => ({
      name: 'with dual-tree negatives',
      options: { sampler: 'dual-tree', base: sampler.name },
    }),
  },
  {
    has: isWrapped,
    variant: ({ sampler }) => ({
      name: 'without dual-tree negatives',
      options: { sampler: String(sampler.options.base) },
    }),
  },
  {
    has: ({ model }) => Number(model.options.dimensions ?? 0) >= 8 && Number(model.options.dimensions) % 8 === 0,
    variant: ({ model }) => ({
      name: 'half the dimensions',
      options: { dimensions: Number(model.options.dimensions) / 2 },
    }),
  },
]

export const ingredients = defineStudy({
  name: 'ingredients',
  summary: 'what each ingredient of a preset adds, one changed at a time',
  source: 'the usual ablation; the ingredients are those of the options that are given, such as --preset recommended',
  options: z.object({}),
  variants: (_, { plan }) => [
    { name: 'whole', options: {} },
    ...parts.filter(({ has }) => has(plan)).map(({ variant }) => variant(plan)),
  ],
  columns: metricColumns,
  ...againstFirst('the whole'),
  describe(rows, metric) {
    const [whole, ...others] = rows
    const value = ({ figures }: StudyRow) => figures[metric]
    const changes = others.map(row => `${row.name} ${change(value(whole), value(row))}`)
    const better = others.filter(row => value(row) > value(whole))
    return [
      `The whole reaches ${metricLabel(metric)} ${decimal(value(whole))}: ${changes.join(', ')}.`,
      better.length
        ? `So ${better.map(({ name }) => `"${name}"`).join(', ')} would be better here; the best is "${bestOf(rows, metric).name}".`
        : 'No change makes it better here.',
    ].join(' ')
  },
})
