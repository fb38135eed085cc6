import { z } from 'zod'
import { models } from '../../models/index.ts'
import { change, decimal } from '../../numbers.ts'
import { partNames } from '../../registry.ts'
import { metricLabel } from '../../report/page/format.ts'
import { samplers } from '../../samplers/index.ts'
import { defineStudy, type StudyRow, type Variant } from './study.ts'
import { baseRow, bestOf, comparedRow, metricColumns, samplersOf } from './variants.ts'

const plain = samplersOf('plain', 'scoring')

/** The sampler alone, then with judging, with dual-tree scores, and with both; what has no scores cannot be wrapped. */
function variantsOf(model: string, sampler: string): Variant[] {
  const name = `${model}+${sampler}`
  const own = { model, baseSampler: sampler }
  const wrapped = { ...own, sampler: 'dual-tree', base: sampler, compare: ['dual-tree'] }
  const at = (what: string) => ({ model, sampler, what })
  const judged: Variant[] = [
    { name, options: { ...own, sampler }, method: baseRow, at: at('alone') },
    { name: `${name}, judging`, options: { ...own, sampler }, at: at('judging') },
  ]
  if (samplers.get(sampler).kind !== 'scoring') return judged
  return [
    ...judged,
    { name: `${name}, dual-tree`, options: wrapped, method: comparedRow, at: at('dual-tree') },
    { name: `${name}, both`, options: wrapped, at: at('both') },
  ]
}

export const integration = defineStudy({
  name: 'integration',
  summary: 'what dual-tree negatives and judging add to each sampler and model',
  source: 'DTL-NS, arXiv 2602.18249, Figure 6',
  options: z.object({
    models: partNames(models).describe('models that are trained'),
    samplers: partNames(plain).describe('samplers that are added to'),
  }),
  variants: options => options.models.flatMap(model => options.samplers.flatMap(sampler => variantsOf(model, sampler))),
  columns: metricColumns,
  reference: {
    name: 'the sampler alone',
    of: ({ at }, rows) => rows.find(row => row.at.model === at.model && row.at.sampler === at.sampler),
  },
  figure: (rows, value) => ({ kind: 'dots', value, rows }),
  describe(rows, metric) {
    const value = ({ figures }: StudyRow) => figures[metric]
    const groups = Map.groupBy(rows, ({ at }) => `${at.model}+${at.sampler}`)
    const sentences = Array.from(groups, ([name, [alone, ...added]]) => {
      const changes = added.map(row => `${row.at.what} ${change(value(alone), value(row))}`)
      return `${name} alone reaches ${metricLabel(metric)} ${decimal(value(alone))}: ${changes.join(', ')}.`
    })
    const best = bestOf(rows, metric)
    return `${sentences.join(' ')} The best is ${best.name} with ${decimal(value(best))}.`
  },
})
