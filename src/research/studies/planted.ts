/** `study noise --planted`: what false negatives cost, by loss and by what draws the negatives. */

import { join } from 'node:path'
import { z } from 'zod'
import { loadSplit } from '../../dataset/load.ts'
import { sourceOptions } from '../../dataset/source.ts'
import { writeSplit } from '../../dataset/store.ts'
import { UsageError } from '../../errors.ts'
import { hideInteractions } from '../../evaluation/hidden.ts'
import { formatCount, percent, signed } from '../../numbers.ts'
import { objectives } from '../../objectives/index.ts'
import { partNames } from '../../registry.ts'
import { metricLabel } from '../../report/page/format.ts'
import type { RunPlan } from '../../run/options/plan.ts'
import { withoutOptions } from '../../run/options/plan-run.ts'
import { writeDifference } from './differences.ts'
import { mostPerUser, writePairs } from './pairs.ts'
import { defineStudy, type PrepareRequest, type Variant } from './study.ts'
import { baseRow, metricColumns, samplersOf } from './variants.ts'

const drawers = samplersOf('plain', 'scoring')

/** Of `study noise`; nothing is planted when `planted` is empty. */
export const plantedOptions = z.object({
  planted: z
    .array(z.number().gt(0).max(0.9))
    .default([])
    .describe(
      'shares of likes hidden and drawn as negatives, such as 0.05,0.1; in place of flipping verdicts: these shares of what a user likes are hidden from training and may be drawn',
    ),
  losses: partNames(objectives, () => ['bpr', 'bce', 'sampled-softmax', 'bsl', 'psl', 'ccl']).describe(
    'with --planted: losses that are compared; those on cosines rank by cosine and, but for sl-at-k, share no negatives, so that all see the same draws',
  ),
  drawnBy: partNames(drawers, () => ['uniform', 'dns']).describe('with --planted: samplers that draw the negatives'),
})

type PlantedOptions = z.output<typeof plantedOptions>

/** Files of what is never drawn, by share, and how many items of a user they have at most; before they are made, the names alone. */
const preparedSchema = z.object({
  files: z.record(z.string(), z.string()).default({}),
  most: z.number().default(1),
})

const NONE = 0

export const planted = defineStudy({
  name: 'noise',
  summary: 'what false negatives cost by loss and sampler: interactions are hidden, and some of them may be drawn',
  source:
    'ours: as many interactions are hidden in every row, and only how many of them may be drawn differs; losses against false negatives as in arXiv 2411.00163',
  options: plantedOptions,
  prepare,
  variants(options, { plan, prepared }) {
    const { files, most } = preparedSchema.parse(prepared ?? {})
    return options.losses.flatMap(loss =>
      options.drawnBy.flatMap(sampler =>
        [NONE, ...sharesOf(options)].map(share => variantOf(loss, sampler, share, { options, plan, files, most })),
      ),
    )
  },
  columns: metricColumns,
  holdsBaselines: true,
  fixedEpochs: true,
  reference: {
    name: 'none drawn',
    of: ({ at }, rows) => rows.find(row => row.at.series === at.series && row.at[X] === NONE),
  },
  figure: (rows, value) => ({ kind: 'line', x: X, value, rows }),
  describe(rows, metric) {
    const series = [...Map.groupBy(rows, ({ at }) => at.series)]
    const last = rows[rows.length - 1]
    const costs = series.map(([name, own]) => {
      const { difference, figures } = own[own.length - 1]
      const cost = difference ? writeDifference(difference) : signed(figures[metric] - own[0].figures[metric])
      return `${name} ${cost}`
    })
    return `With ${percent(Number(last.at[X]))} of what users like hidden and drawn as negatives like any unobserved item, ${metricLabel(metric)} changes against the same training that never draws them by: ${costs.join(', ')}.`
  },
})

const X = 'share of false negatives that may be drawn'

const sharesOf = ({ planted }: PlantedOptions) => [...new Set(planted)].sort((a, b) => a - b)

function variantOf(
  loss: string,
  sampler: string,
  share: number,
  made: { options: PlantedOptions; plan: RunPlan; files: Readonly<Record<string, string>>; most: number },
): Variant {
  const largest = sharesOf(made.options).at(-1)
  // where all that is hidden may be drawn, nothing is excluded: that is the base model of any of the runs
  const all = share === largest
  const { shape } = objectives.get(loss).options
  const onCosines = 'sharedNegatives' in shape
  return {
    name: `${loss}+${sampler}, ${percent(share)}`,
    at: { series: `${loss}+${sampler}`, [X]: share },
    options: {
      ...{ objective: loss, baseSampler: sampler, sampler, baselines: [] },
      ...(onCosines && { rankBy: 'cosine' }),
      // sl-at-k finds its quantile among them
      ...(onCosines && !('cutoff' in shape) && { sharedNegatives: 0 }),
      ...{ judge: 'accept-all', use: 'exclude', candidatesPerUser: made.most },
      candidates: made.files[all ? NONE : share] ?? 'never-drawn.parquet',
      // the hidden pairs stand where valid does, and must not choose the epochs
      validateEvery: Math.min(1000, made.plan.training.epochs),
      historyAtTest: 'train',
    },
    ...(all && { method: baseRow }),
  }
}

async function prepare({ source, directory, given, plan, on, own, signal }: PrepareRequest) {
  if (on !== 'valid')
    throw new UsageError(
      'study "noise" with --planted scores on the validation data and leaves test closed: leave --on out',
    )
  const shares = sharesOf(own as PlantedOptions)
  const { split } = await loadSplit(source, plan.source, signal && { signal })
  const { beyond, split: left, hidden } = hideInteractions(split, shares, plan.run.seed)
  const folder = join(directory, 'hidden')
  await writeSplit(left, folder, signal)
  const files: Record<string, string> = {}
  for (const [share, pairs] of beyond) {
    if (share === shares.at(-1)) continue
    files[share] = join(folder, `never-drawn-beyond-${share}.parquet`)
    await writePairs(files[share], split.train, pairs)
  }
  return {
    source: folder,
    // the split is made: how it was made is no option of the runs
    given: withoutOptions(given, Object.keys(sourceOptions.shape)),
    on: 'test' as const,
    values: { files, most: Math.min(1000, mostPerUser(beyond.get(NONE)!)) },
    text: `${formatCount(hidden)} of ${formatCount(split.train.interactions)} interactions of train are hidden; the validation items are scored, and hidden ones masked.`,
  }
}
