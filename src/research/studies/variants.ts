/** Variants and words that several studies share. */
import { z } from 'zod'
import { judges } from '../../judges/index.ts'
import { change, decimal } from '../../numbers.ts'
import { partNames } from '../../registry.ts'
import { metricLabel, metricName } from '../../report/page/format.ts'
import { baselineOfFinal, fusedWhere, methodName } from '../../run/method-names.ts'
import type { RunPlan } from '../../run/options/plan.ts'
import { samplers } from '../../samplers/index.ts'
import type { SamplerDefinition } from '../../samplers/sampler.ts'
import type { StudyColumn, StudyDefinition, StudyRow, Variant } from './study.ts'

/** Row of the base model: its negatives alone. */
export const baseRow = baselineOfFinal

/** Row of the first sampler to compare: other negatives, no judgements. */
export const comparedRow = (plan: RunPlan) => fusedWhere(plan, methodName(plan, plan.compare[0]))

/** A variant for each judge. */
export function judgeVariants(names: readonly string[]): Variant[] {
  return names.map(judge => ({ name: judge, options: { judge } }))
}

/** Samplers of some kinds, as there are when they are asked for: one's own among them. */
export const samplersOf = (...kinds: readonly SamplerDefinition['kind'][]) => ({
  get names() {
    return samplers.parts.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name)
  },
})

/** Judges that need nothing but the data. */
export const judgesOption = partNames(judges, () => ['prefix', 'model-score', 'accept-all', 'random']).describe(
  'judges that are asked',
)

/** Answers of language models that were asked before. */
export const ledgersOption = z
  .array(z.string().min(1))
  .default([])
  .describe('ledger.sqlite or verdicts.parquet of earlier runs: each is replayed as a judge')

/** A variant for each ledger. */
export function ledgerVariants(paths: readonly string[]): Variant[] {
  return paths.map(from => ({ name: `ledger ${from}`, options: { judge: 'replay', from } }))
}

/** The deciding metric first, then its kin at the same K. */
export function metricColumns(metric: string): StudyColumn[] {
  const { cutoff } = metricName(metric)
  const kin = cutoff === undefined ? [] : ['recall', 'ndcg'].map(name => `${name}@${cutoff}`)
  return [...new Set([metric, ...kin])].map(key => ({ key, title: metricLabel(key), as: 'decimal' }))
}

/** What a judge calls positive, and how much of that is right. */
export const judgeColumns: readonly StudyColumn[] = [
  { key: 'positive share', title: 'judged positive', as: 'percent' },
  { key: 'precision', title: 'precision', as: 'percent' },
  { key: 'recall', title: 'recall', as: 'percent' },
]

/** The row with the largest figure. */
export function bestOf(rows: readonly StudyRow[], key: string): StudyRow {
  const value = (row: StudyRow) => row.figures[key] ?? Number.NEGATIVE_INFINITY
  return rows.reduce((a, b) => (value(b) > value(a) ? b : a))
}

/** Rows are compared with the first, which the figure has as a line. */
export const againstFirst = (name: string): Pick<StudyDefinition, 'reference' | 'figure'> => ({
  reference: { name, of: (_, rows) => rows[0] },
  figure: (rows, value) => ({ kind: 'dots', value, rows, level: { name, value: rows[0].figures[value] } }),
})

/** "dns (0.1021, +3.0 %), …": every row against one of them. */
export function listAgainst(rows: readonly StudyRow[], reference: StudyRow, key: string): string {
  return rows
    .map(({ name, figures }) => `${name} (${decimal(figures[key])}, ${change(reference.figures[key], figures[key])})`)
    .join(', ')
}
