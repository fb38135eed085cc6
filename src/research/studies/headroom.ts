/** What judging could ever give: an oracle knows half of the held-out validation items, and the other half is scored. */

import { join } from 'node:path'
import { z } from 'zod'
import { loadSplit } from '../../dataset/load.ts'
import { sourceOptions } from '../../dataset/source.ts'
import { writeSplit } from '../../dataset/store.ts'
import { UsageError } from '../../errors.ts'
import { halveValidation } from '../../evaluation/halves.ts'
import { formatCount, signed } from '../../numbers.ts'
import { metricLabel } from '../../report/page/format.ts'
import type { RunPlan } from '../../run/options/plan.ts'
import { withoutOptions } from '../../run/options/plan-run.ts'
import { writeDifference } from './differences.ts'
import { mostPerUser, writePairs } from './pairs.ts'
import { defineStudy, type Given, type PrepareRequest, type StudyRow, type Variant } from './study.ts'
import { againstFirst, comparedRow, metricColumns } from './variants.ts'

/** Rows of one model, by what is done with what is known of unobserved items. */
const ROWS = {
  plain: 'no judging',
  excluded: 'half A never drawn',
  taught: 'half A taught',
  candidates: 'all candidates never drawn',
  judge: 'this judge',
  circular: 'half B never drawn (circular)',
} as const

/** Files of the halves, and how many items of a user they have at most; before they are made, the names alone. */
const halvesSchema = z.object({
  known: z.string().default('known.parquet'),
  scored: z.string().default('scored.parquet'),
  mostKnown: z.number().default(1),
  mostScored: z.number().default(1),
})

const HARD_MF: Given = {
  ...{ model: 'mf', baseSampler: 'dns', sampler: 'dns', candidateNegatives: 32 },
  ...{ fuseWith: 'none', learningRate: 0.005 },
}

export const headroom = defineStudy({
  name: 'headroom',
  summary: 'what a perfect judge could change here, and what the given one does',
  source:
    'ours: half A of the validation items of each user is known to an oracle, half B is scored; what is excluded must not be what is scored',
  options: z.object({
    hardNegatives: z
      .boolean()
      .default(true)
      .describe('also MF with hard negatives (dns, N = 32); false negatives should hurt most there'),
  }),
  prepare,
  variants({ hardNegatives }, { plan, prepared }) {
    const halves = halvesSchema.parse(prepared ?? {})
    const own = variantsOf(`${plan.model.name}+${plan.sampler.name}`, {}, plan.sampler.name, halves)
    return hardNegatives ? [...own, ...variantsOf('mf+dns', HARD_MF, 'dns', halves)] : own
  },
  columns: metric => [...metricColumns(metric), { key: 'positive share', title: 'judged positive', as: 'percent' }],
  ...againstFirst('no judging'),
  reference: {
    name: 'no judging',
    of: (row, rows) => rows.find(other => other.name === rowName(modelOf(row), 'plain')),
  },
  describe(rows, metric) {
    const models = [...new Set(rows.map(modelOf))]
    return models.map(model => sentence(model, rows, metric)).join(' ')
  },
})

const rowName = (model: string, row: keyof typeof ROWS) => `${model}: ${ROWS[row]}`
const modelOf = ({ name }: StudyRow) => name.slice(0, name.indexOf(': '))

/** @param options that make it this model, on top of those of the run */
function variantsOf(model: string, options: Given, sampler: string, halves: z.output<typeof halvesSchema>): Variant[] {
  const oracle = { ...options, judge: 'accept-all' }
  const excluding = (candidates: string, candidatesPerUser: number) => ({
    ...oracle,
    ...{ candidates, candidatesPerUser, use: 'exclude' },
  })
  const known = excluding(halves.known, halves.mostKnown)
  const variant = (row: keyof typeof ROWS, own: Given, method?: (plan: RunPlan) => string): Variant => ({
    name: rowName(model, row),
    options: own,
    ...(method && { method }),
  })
  return [
    variant('plain', { ...options, compare: [sampler] }, comparedRow),
    variant('excluded', known),
    variant('taught', { ...known, use: 'positives' }),
    variant('candidates', { ...oracle, use: 'exclude' }),
    variant('judge', { ...options, compare: [sampler] }),
    variant('circular', excluding(halves.scored, halves.mostScored)),
  ]
}

/** "a perfect judge would change NDCG@20 by … here; this judge …" */
function sentence(model: string, rows: readonly StudyRow[], metric: string): string {
  const of = (row: keyof typeof ROWS) => rows.find(({ name }) => name === rowName(model, row))!
  const change = (row: keyof typeof ROWS) => {
    const { difference, figures } = of(row)
    return difference ? writeDifference(difference) : signed(figures[metric] - of('plain').figures[metric])
  }
  return (
    `${model}: a perfect judge would change ${metricLabel(metric)} by ${change('excluded')} here if its positives are never drawn as negatives, ` +
    `by ${change('taught')} if they are taught; this judge changes it by ${change('judge')}, ` +
    `and no judge at all (every candidate is never drawn) by ${change('candidates')}. ` +
    `Scored on the very items that were excluded, which is circular, exclusion would appear to be worth ${change('circular')}.`
  )
}

async function prepare({ source, directory, given, plan, on, signal }: PrepareRequest) {
  if (on !== 'valid')
    throw new UsageError('study "headroom" halves the validation data and leaves test closed: leave --on out')
  const { split } = await loadSplit(source, plan.source, signal && { signal })
  const { known, scored, split: halved } = halveValidation(split, plan.run.seed)
  if (scored.users.length === 0)
    throw new UsageError(`${source}: no user has a validation item to score on; hold out more with --valid-share`)
  const folder = join(directory, 'halves')
  await writeSplit(halved, folder, signal)
  const paths = { known: join(folder, 'known.parquet'), scored: join(folder, 'scored.parquet') }
  await writePairs(paths.known, split.train, known)
  await writePairs(paths.scored, split.train, scored)
  return {
    source: folder,
    // the split is made: how it was made is no option of the runs
    given: withoutOptions(given, Object.keys(sourceOptions.shape)),
    values: { ...paths, mostKnown: mostPerUser(known), mostScored: mostPerUser(scored) },
    text: `Half A: ${formatCount(known.users.length)} validation items that the oracle knows; half B: ${formatCount(scored.users.length)}, scored.`,
  }
}
