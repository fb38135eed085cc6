/** The model that is served: a row of the table, fitted once more on everything that was observed. */
import type { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import { RunError, UsageError } from '../errors.ts'
import { everythingObserved } from '../evaluation/observed.ts'
import type { Codes } from '../kernels/interface/kernels.ts'
import { baselines } from '../models/baselines/index.ts'
import type { Recommender } from '../models/recommender.ts'
import { didYouMean } from '../nearest.ts'
import { text } from '../options.ts'
import { callable, checkRequest, plainObject, watchFields, withFields } from '../requests.ts'
import { codeOf, formatCode } from '../trees/codes.ts'
import type { RunPlan } from './options/plan.ts'
import type { GivenRequest } from './request.ts'
import { run } from './run.ts'
import { servableRows } from './servable.ts'
import type { Watch } from './stage.ts'
import { chooseStage, type ValidatedRow } from './stages/choose.ts'

export interface FitRequest extends Watch, Pick<GivenRequest, 'directory' | 'source' | 'options'> {
  /** a row of the table; the one that is best on validation data when absent */
  readonly method?: string
}

export const FIT_FIELDS = {
  ...{
    directory: text,
    source: text.optional(),
    options: plainObject.optional(),
    method: text.optional(),
    ...watchFields,
  },
} satisfies Record<keyof FitRequest, z.ZodType>
const FIELDS = { request: withFields(FIT_FIELDS), use: callable }

export interface Fitted {
  readonly method: string
  readonly plan: RunPlan
  /** all that was observed */
  readonly data: Dataset
  readonly dataHash: string
  /** good until `use` ends */
  readonly recommender: Recommender
  /** on validation data, before it was fitted on them; none when the method was named */
  readonly metrics: Readonly<Record<string, number>>
  /** what it was chosen from, best first; none when the method was named */
  readonly rows: readonly ValidatedRow[]
  /** path of each item in each tree, where there are trees */
  readonly codes: Readonly<Record<string, readonly string[]>>
}

/**
 * Makes what is missing of a run, but evaluates nothing on test data; chooses a row, and fits it on all data.
 * @param use what is done with it, while it lives in kernel memory
 * @throws UsageError for an unknown method, or one that cannot be served; and whatever `run` throws
 */
export async function fitRun<T>(request: FitRequest, use: (fitted: Fitted) => Promise<T>): Promise<T> {
  checkRequest('fitRun', FIELDS, { request, use })
  const { method: wanted, ...where } = request
  // a baseline by name needs nothing that is trained
  const until = wanted !== undefined && baselines.names.includes(wanted) ? 'data' : 'evaluate'
  let outcome: { value: T } | undefined
  await run({
    ...where,
    until,
    async finish(context, data, { methods, trees }) {
      const rows = servableRows(context, methods, wanted)
      const validated = wanted === undefined ? await chooseStage(context, data, rows) : []
      const method = wanted ?? validated[0]?.method
      const row = rows.find(own => own.method === method)
      if (!row)
        throw unknownMethod(
          method!,
          rows.map(own => own.method),
        )
      const dataset = everythingObserved(data.value)
      outcome = await context.kernels.memory.scope(async () => {
        const recommender = await row.refitOn(dataset)
        if (typeof recommender === 'string') throw new UsageError(recommender)
        const codes = Object.entries(trees?.value.codes ?? {}).map(([view, own]) => [view, pathsOf(own, dataset.items)])
        return {
          value: await use({
            ...{ method: row.method, plan: context.plan, data: dataset, dataHash: data.value.hash, recommender },
            metrics: validated.find(own => own.method === method)?.metrics ?? {},
            ...{ rows: validated, codes: Object.fromEntries(codes) },
          }),
        }
      })
    },
  })
  if (!outcome) throw new RunError('the run ended before its model was fitted')
  return outcome.value
}

const pathsOf = (codes: Codes, items: number) =>
  Array.from({ length: items }, (_, item) => formatCode(codeOf(codes, item)))

function unknownMethod(method: string, known: readonly string[]): UsageError {
  return new UsageError(`there is no row "${method}" to fit: there are ${known.join(', ')}${didYouMean(method, known)}`)
}
