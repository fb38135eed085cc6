/** The options of a run that belong to no part. */
import { z } from 'zod'
import { judges } from '../../judges/index.ts'
import { baselines } from '../../models/baselines/index.ts'
import { decayOptions } from '../../models/decay.ts'
import { models } from '../../models/index.ts'
import { objectives } from '../../objectives/index.ts'
import { integer, text } from '../../options.ts'
import { partName } from '../../registry.ts'
import { samplers } from '../../samplers/index.ts'
import { presets } from './presets/index.ts'

/** Samplers that need no trees, which are made from the base model. */
const withoutCodes = {
  get names() {
    return samplers.parts.filter(part => !part.usesCodes).map(part => part.name)
  },
}

/** Baselines that say which values a search may try. */
const searchable = {
  get names() {
    return baselines.parts.filter(part => part.search).map(part => part.name)
  },
}

/** What is run, and how it is looked at. */
export const runOptions = z.object({
  preset: z
    .enum(presets.names as [string])
    .optional()
    .describe('a named set of option values; flags beside it win'),
  seed: integer(0, 2 ** 31 - 1)
    .default(1)
    .describe('seed of everything random but the split; the same seed gives the same bytes'),
  seeds: integer(1, 100, 'seeds')
    .default(1)
    .describe('seeds (seed, seed + 1, …) to repeat everything random with; the table then has mean ± deviation'),
  threads: integer(0, 256, 'threads')
    .default(0)
    .describe('threads of the kernels, 0 = one per physical core; their number changes no result'),
  profile: z
    .boolean()
    .default(false)
    .describe('write profile.json, the time in each kernel by stage, and show it in the report'),
  model: partName(models)
    .default('lightgcn')
    .describe('the base model, trained without and with judged false negatives'),
  objective: partName(objectives).default('bpr').describe('the loss'),
  // trees need the base model
  baseSampler: partName(withoutCodes).default('mixgcf').describe('negatives of the base model'),
  sampler: partName(samplers).default('dual-tree').describe('negatives of DTL-NS'),
  final: z
    .enum(['dtl-ns', 'base'])
    .default('dtl-ns')
    .describe(
      'final model, which --rerank ranks again: DTL-NS, or its base model; then no DTL-NS is trained, and only what --rerank asks for is judged',
    ),
  compare: z.array(partName(samplers)).default([]).describe('train the base model with these negatives too'),
  baselines: z
    .array(partName(baselines))
    .default(['popularity', 'item-knn', 'ease'])
    .describe('baselines in the table'),
  judge: partName(judges).default('prefix').describe('judge that decides which candidates are false negatives'),
  candidateModel: partName(baselines, ['base', 'tuned'])
    .default('base')
    .describe(
      'source of the candidates: the base model, or a baseline with its own options; tuned is the best of --tune',
    ),
  candidates: text.optional().describe('Parquet or CSV file of candidates to judge (user_id, item_id; rank or score)'),
  tune: z
    .array(partName(searchable))
    .default([])
    .describe('baselines to tune on validation first, in seconds each; given flags stay'),
  fuseWith: partName(baselines, ['none', 'tuned'])
    .default('none')
    .describe(
      'baseline whose scores are added to those of every trained model, as further rows; validation Recall@20 chooses the share of each; tuned is the best of --tune',
    ),
  fuseDepth: integer(20, 10_000, 'items').default(300).describe('with --fuse-with: best items of each that are fused'),
  rerank: partName(judges, ['none'])
    .default('none')
    .describe(
      'second stage of the ranking, as a further row: the first 100 items of the --final model, fused where --fuse-with says so, in the order of a score fitted to validation data; learned: by features of history and item; any other judge: by its confidences',
    ),
  rerankConsult: partName(judges, ['none'])
    .default('none')
    .describe('with --rerank learned: a judge whose confidences in the candidates are features too'),
  rerankUsers: integer(1, 100_000, 'users')
    .default(2000)
    .describe('with --rerank: users, drawn by the seed, to whose lists the second stage is fitted at most'),
  candidatesPerUser: integer(1, 1000, 'items')
    .default(20)
    .describe('highest-scored unobserved items per user to judge'),
  protocol: z
    .array(z.enum(['strict', 'released']))
    .min(1)
    .default(['strict'])
    .describe("released adds rows under the authors' protocol, where held-out data filters judgements and mask"),
  maskAtTest: z
    .enum(['train+valid', 'train'])
    .default('train+valid')
    .describe('interactions that cannot be recommended at test'),
  historyAtTest: z
    .enum(['observed', 'train'])
    .default('observed')
    .describe(
      'history that rankings at test use: all that was observed before it (train and valid), beside train alone; or train alone',
    ),
  refit: z
    .enum(['all', 'none'])
    .default('all')
    .describe(
      'fit every model of the table once more on train + valid, as validation chose; not with --history-at-test train',
    ),
  baseModel: text
    .optional()
    .describe(
      'safetensors with user_vectors and item_vectors in the order of the data, as the base model, which is then not trained',
    ),
  warmStart: text
    .optional()
    .describe('run directory whose vectors training begins from, matched by external ids; others begin at random'),
  decay: decayOptions.shape.decay.describe(
    'γ for trained models, factor per newer interaction of the user; all histories are then folded in; needs an order unless 1',
  ),
  halfLife: decayOptions.shape.halfLife.describe(
    "for trained models: days after which an interaction counts half; from the user's newest; 0 for no effect of time",
  ),
  evaluateOn: z
    .enum(['test', 'valid'])
    .default('test')
    .describe('held-out part of the table; valid keeps test closed while you still choose'),
  cutoffs: z
    .array(integer(1, 1000))
    .min(1)
    .default([10, 20, 50])
    .describe('cut-offs K of the metrics')
    .meta({ unit: 'items' }),
})
