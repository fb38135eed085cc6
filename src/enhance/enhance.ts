/** What the verdicts change in training: the pairs that are learned from, and the items never drawn as negatives. */
import { z } from 'zod'
import { type Dataset, type Pairs, withPositives } from '../dataset/dataset.ts'
import { UsageError } from '../errors.ts'
import { type Candidates, candidatePairs, POSITIVE, type Verdicts } from '../judges/judge.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { integer, number, parseOptions } from '../options.ts'
import {
  candidates as candidatesShape,
  checkRequest,
  dataset,
  plainObject,
  verdicts as verdictsShape,
} from '../requests.ts'

export const enhanceOptions = z.object({
  use: z
    .enum(['positives', 'exclude', 'weighted'])
    .default('exclude')
    .describe(
      'use of candidates judged positive: training pairs like any other (the paper), only never drawn as negatives, or training pairs weighted by confidence',
    ),
  judgedWeight: z
    .number()
    .gt(0)
    .max(10)
    .default(1)
    .describe('with --use weighted: the weight in the loss of a judged pair of confidence 1; an observed pair has 1'),
  rankDecay: number(0, 10)
    .default(0)
    .describe(
      'with --use weighted: the weight falls with the place among the candidates, as place to the power of minus this',
    ),
  lastPlace: integer(1, 1000, 'items')
    .default(1000)
    .describe(
      'with --use weighted: the last place among the candidates that becomes a training pair; later ones are only never drawn as negatives',
    ),
  judgedEdges: z
    .enum(['full', 'weighted', 'none'])
    .default('full')
    .describe(
      "with --use weighted: judged pairs in the model's graph, like observed ones, with their weight, or not at all",
    ),
})

export type EnhanceOptions = z.output<typeof enhanceOptions>

/** What to train on. What is masked in a ranking is not here: that stays the observed interactions. */
export interface Enhanced {
  readonly train: Dataset
  /** user → items never drawn as negatives, ascending: observed or judged positive */
  readonly forbidden: CsrPattern
  /** pairs that `train` has beyond the observed ones */
  readonly added: Pairs
  /** weight of each edge in the model's graph, along `train.byUser.indices`; absent when all are 1 */
  readonly edgeWeights?: Float32Array
  /** what the model's graph is made from, when not `train` */
  readonly graph?: Dataset
}

const FIELDS = { train: dataset, candidates: candidatesShape, verdicts: verdictsShape, options: plainObject }

/**
 * @param train the observed interactions
 * @param verdicts along `candidates`
 * @source DTL-NS, arXiv 2602.18249 (`positives`)
 * @throws UsageError for an option out of range, or verdicts of other candidates
 */
export function applyVerdicts(
  train: Dataset,
  candidates: Candidates,
  verdicts: Pick<Verdicts, 'labels' | 'confidence'>,
  options: Partial<EnhanceOptions> = {},
): Enhanced {
  checkRequest('applyVerdicts', FIELDS, { train, candidates, verdicts, options })
  const { use, judgedWeight, rankDecay, lastPlace, judgedEdges } = parseOptions(enhanceOptions, options, 'enhance')
  checkSizes(train, candidates, verdicts)
  const { places, ...pairs } = judgedPositives(train, candidates, verdicts)
  const joined = withPositives(train, pairs)
  const forbidden = joined.byUser
  if (use === 'exclude') return { train, forbidden, added: { users: new Int32Array(), items: new Int32Array() } }
  if (use === 'positives') return { train: joined, forbidden, added: pairs }
  const added = weightedPairs({ places, ...pairs }, candidates, verdicts, { judgedWeight, rankDecay, lastPlace })
  const enhanced = { train: withPositives(train, added), forbidden, added }
  if (judgedEdges === 'none') return { ...enhanced, graph: train }
  if (judgedEdges === 'full') return enhanced
  return { ...enhanced, edgeWeights: withPositives(withoutWeights(train), added).weights! }
}

type JudgedPairs = ReturnType<typeof judgedPositives>

/** The judged pairs that teach something, each with its weight. */
function weightedPairs(
  { places, users, items }: JudgedPairs,
  { k }: Candidates,
  { confidence }: Pick<Verdicts, 'confidence'>,
  { judgedWeight, rankDecay, lastPlace }: Pick<EnhanceOptions, 'judgedWeight' | 'rankDecay' | 'lastPlace'>,
) {
  const placeOf = (at: number) => 1 + (at % k)
  const kept = places.map((_, row) => row).filter(row => placeOf(places[row]) <= lastPlace)
  return {
    users: Int32Array.from(kept, row => users[row]),
    items: Int32Array.from(kept, row => items[row]),
    weights: Float32Array.from(
      kept,
      row => (confidence[places[row]] * judgedWeight) / placeOf(places[row]) ** rankDecay,
    ),
  }
}

/** The pairs judged positive, without those that are observed: candidates may come from elsewhere. */
function judgedPositives({ byUser }: Dataset, candidates: Candidates, { labels }: Pick<Verdicts, 'labels'>) {
  const { items, k } = candidates
  return candidatePairs(candidates, place => {
    const user = Math.floor(place / k)
    return labels[place] === POSITIVE && !columnsOf(byUser, user).includes(items[place])
  })
}

function checkSizes(
  { users }: Dataset,
  { items, k }: Candidates,
  { labels, confidence }: Pick<Verdicts, 'labels' | 'confidence'>,
): void {
  if (labels.length === items.length && confidence.length === items.length && items.length === users * k) return
  throw new UsageError(
    `applyVerdicts: ${labels.length} labels with ${confidence.length} confidences, ${items.length} candidate places and ${users} users × ${k} must agree; ` +
      'judge the candidates of this data set again',
  )
}

function withoutWeights({ weights: _, ...dataset }: Dataset): Dataset {
  return dataset
}
