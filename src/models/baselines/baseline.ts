/** What the baselines share: their declaration, and rankings from a score for every item. */

import { z } from 'zod'
import type { Dataset } from '../../dataset/dataset.ts'
import { type Histories, sliceRows } from '../../dataset/histories.ts'
import { RunError } from '../../errors.ts'
import type { Floats, Kernels } from '../../kernels/interface/kernels.ts'
import { type OptionsSchema, parseOptions } from '../../options.ts'
import { type Declared, partFields, type Typed } from '../../registry.ts'
import { callable, checkRequest, plainObject } from '../../requests.ts'
import { type DecayOptions, decayOptions, missingOrder } from '../decay.ts'
import type { BaselineDefinition } from '../model.ts'
import type { Recommendations, Recommender, RecommendRequest } from '../recommender.ts'
import { positionsOf, rankedLists, residentHistories, residentPattern } from '../rows.ts'

/** The key of a baseline's option among those of a run carries the baseline's name: `easeRegularization`. */
export function baselineKey(baseline: string, option: string): string {
  const camel = baseline.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return camel + option[0].toUpperCase() + option.slice(1)
}

/** @throws UsageError that names the option as it is given for a run */
export function parseBaselineOptions<S extends OptionsSchema>(
  baseline: { name: string; options: S },
  options: unknown,
) {
  const { name } = baseline
  return parseOptions(baseline.options, options, `baseline "${name}"`, option => baselineKey(name, option))
}

const FIELDS = {
  ...{ ...partFields, fit: callable, longFit: callable.optional(), unsupportedReason: callable.optional() },
  ...{ footprint: callable.optional(), heapFootprint: callable.optional() },
  ...{ search: plainObject.optional(), stochastic: z.boolean().optional(), usesWeights: z.boolean().optional() },
} satisfies Record<keyof Omit<BaselineDefinition, 'kind'>, z.ZodType>

/**
 * Declares a baseline; `unsupportedReason` and `fit` get its options checked and typed, and `fit` throws where there is a reason. That its
 * decay needs an order which the data has not is one.
 */
export function defineBaseline<S extends OptionsSchema, const N extends string>(
  definition: Declared<BaselineDefinition<z.output<S>>, S> & { readonly name: N },
): Omit<Typed<BaselineDefinition, S>, 'name'> & { readonly name: N } {
  checkRequest('defineBaseline', FIELDS, definition)
  const { name } = definition
  const parsed = (options: unknown) => parseBaselineOptions(definition, options)
  const decays = definition.options.shape.halfLife === decayOptions.shape.halfLife
  const reasonOf = (train: Dataset, own: z.output<S>) => {
    const reason = definition.unsupportedReason?.(train, own)
    const missing = reason === undefined && decays && missingOrder(`--${name}-`, train, own as DecayOptions)
    return missing ? `baseline "${name}": ${missing}` : reason
  }
  const admitted = (train: Dataset, options: unknown) => {
    const own = parsed(options)
    const reason = reasonOf(train, own)
    if (reason) throw new RunError(reason)
    return own
  }
  return {
    ...definition,
    kind: 'baseline',
    footprint: (sizes, options) => definition.footprint?.(sizes, parsed(options)) ?? 0,
    unsupportedReason: (train, options) => reasonOf(train, parsed(options)),
    heapFootprint: (sizes, options) => definition.heapFootprint?.(sizes, parsed(options)) ?? 0,
    fit: (context, options) => definition.fit(context, admitted(context.train, options)),
    longFit: (context, options) => definition.longFit?.(context, admitted(context.train, options)),
  }
}

/** Scores of a block of rows, in bytes at most. */
export const SCORE_BLOCK = 2 ** 24

/**
 * A recommender that scores every item for a block of histories, then ranks.
 * @param score fills `scores` [rows × I] for histories, both in kernel memory and the scores not zeroed; must be finite
 * @param more what else is known of the recommender
 */
export function recommendByScores(
  kernels: Kernels,
  { users, items }: Pick<Dataset, 'users' | 'items'>,
  score: (histories: Histories, scores: Floats) => void,
  more: Pick<Recommender, 'weights' | 'decay' | 'store'> & Partial<Pick<Recommender, 'recommend'>> = {},
): Recommender {
  const { memory } = kernels
  const scoreRows = (histories: Histories, scores: Floats) =>
    memory.scope(() => score(residentHistories(memory, histories), scores))
  return {
    users,
    items,
    recommend: request =>
      rankByRows(kernels, request, items, (begin, end, scores) =>
        scoreRows(sliceRows(request.histories, begin, end), scores),
      ),
    score: ({ histories }, scores) => scoreRows(histories, scores),
    ...more,
  }
}

/**
 * The rankings of a request, a block of rows at a time; the result is in ordinary memory.
 * @param score fills `scores` [end − begin × I], in kernel memory and not zeroed, for rows begin … end − 1
 */
export function rankByRows(
  { memory, topKByScores }: Kernels,
  { histories, seen, k, tieRank }: RecommendRequest,
  items: number,
  score: (begin: number, end: number, scores: Floats) => void,
): Recommendations {
  const count = histories.offsets.length - 1
  return rankedLists(memory, count, k, ranked => {
    const rows = Math.max(1, Math.min(count, Math.floor(SCORE_BLOCK / 4 / items)))
    const scores = memory.floats(rows * items)
    const ranking = { items, seen: residentPattern(memory, seen), tieRank: memory.resident(tieRank) }
    const positions = positionsOf(memory, count)
    for (let begin = 0; begin < count; begin += rows) {
      const end = Math.min(count, begin + rows)
      const own = scores.subarray(0, (end - begin) * items)
      score(begin, end, own)
      const out = {
        k,
        items: ranked.items.subarray(begin * k, end * k),
        scores: ranked.scores.subarray(begin * k, end * k),
      }
      topKByScores({ ...ranking, users: positions.subarray(begin, end), scores: own }, out)
    }
  })
}
