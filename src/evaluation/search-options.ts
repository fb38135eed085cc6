/** Options of a baseline that do best on validation, by coordinate search. */
import { setImmediate } from 'node:timers/promises'
import type { BaselineDefinition, FitContext } from '../models/model.ts'
import { type EvaluationRequest, evaluate } from './evaluate.ts'

type Options = Readonly<Record<string, unknown>>

export interface Trial {
  readonly options: Options
  readonly recall: number
  readonly ndcg: number
}

export interface SearchResult {
  readonly best: Trial
  /** in the order in which they were tried, the first with the options that the search began from */
  readonly trials: readonly Trial[]
}

/** Passes over all options: later ones rarely change anything. */
const PASSES = 2

/** What is maximised: Recall@20 and NDCG@20 count the same. */
const scoreOf = ({ recall, ndcg }: Trial) => recall + ndcg

/**
 * One option after the other is set to the value with the best Recall@20 + NDCG@20, until a pass changes nothing. Values that
 * the data does not admit are left out.
 * @param start options to begin from
 * @param request `truth` is the validation data, never the test data
 */
export async function searchOptions(
  definition: BaselineDefinition,
  start: Options,
  fixed: readonly string[],
  context: FitContext,
  request: Pick<EvaluationRequest, 'truth' | 'histories' | 'seen' | 'seed' | 'signal'> & {
    readonly progress?: (tried: number, most: number) => void
  },
): Promise<SearchResult> {
  const { progress, ...own } = request
  const space = Object.entries(definition.search ?? {}).filter(([name]) => !fixed.includes(name))
  const most = 1 + PASSES * space.reduce((sum, [, values]) => sum + values.length, 0)
  const trials = new Map<string, Trial>()
  const look = async (options: Options) => {
    const key = JSON.stringify(options)
    const known = trials.get(key)
    if (known) return known
    // lets Ctrl-C and the screen have their turn
    await setImmediate()
    const { metrics } = context.kernels.memory.scope(() =>
      evaluate(definition.fit(context, options), { ...own, cutoffs: [20], metrics: ['recall', 'ndcg'] }),
    )
    const trial = { options, recall: metrics['recall@20'], ndcg: metrics['ndcg@20'] }
    trials.set(key, trial)
    progress?.(trials.size, most)
    return trial
  }
  let best = await look(start)
  for (let pass = 0; pass < PASSES; pass++) {
    const before = best
    for (const [name, values] of space) {
      for (const value of values) {
        const options = { ...best.options, [name]: value }
        if (definition.unsupportedReason?.(context.train, options) !== undefined) continue
        const trial = await look(options)
        if (scoreOf(trial) > scoreOf(best)) best = trial
      }
    }
    if (best === before) break
  }
  return { best, trials: [...trials.values()] }
}

/** The best of several searches; the first of equals. */
export function bestSearch<S extends SearchResult>(searches: readonly S[]): S {
  return searches.reduce((best, own) => (scoreOf(own.best) > scoreOf(best.best) ? own : best))
}
