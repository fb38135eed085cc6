/** Stage `choose`: which row of the table did best on validation, so that it can be served. */
import { evaluate } from '../../evaluation/evaluate.ts'
import type { Run, RunData } from '../context.ts'
import type { Servable } from '../servable.ts'
import { runJsonStage } from '../stage.ts'
import { onValidation } from './on-validation.ts'

export interface ValidatedRow {
  readonly method: string
  /** recall@20 and ndcg@20 on validation data; absent where there is a reason */
  readonly metrics?: Readonly<Record<string, number>>
  /** why it cannot be served, or not be fitted */
  readonly skipped?: string
}

/** What the rows are ordered by; NDCG decides where lists of 20 hold all that was held out, as in a small catalogue. */
const CHOICE = ['recall@20', 'ndcg@20'] as const

/** All rows, best first; those that cannot be served come last. Before any data is handed out as observed. */
export async function chooseStage(
  run: Run,
  data: RunData,
  rows: readonly Servable[],
): Promise<readonly ValidatedRow[]> {
  const { seed } = run.plan.run
  const { value } = await runJsonStage<readonly ValidatedRow[]>(run, {
    name: 'choose',
    title: 'Comparing the rows on validation data',
    options: { seed, rows: rows.map(({ method, options }) => ({ method, options })) },
    inputs: Object.assign({ data: data.hash }, ...rows.map(({ inputs }) => inputs)),
    file: 'rows.json',
    make(report) {
      const request = { ...onValidation(run, data), cutoffs: [20], metrics: ['recall', 'ndcg'] }
      const validated = rows.map(({ method, recommenderOn }, at): ValidatedRow => {
        report.progress(at, rows.length, method)
        return run.kernels.memory.scope(() => {
          const recommender = recommenderOn(data.value.train)
          if (typeof recommender === 'string') return { method, skipped: recommender }
          const { metrics } = evaluate(recommender, request)
          const skipped = recommender.needsUsers
          return { method, metrics, ...(skipped !== undefined && { skipped }) }
        })
      })
      const worth = ({ metrics, skipped }: ValidatedRow, name: string) => (skipped === undefined ? metrics![name] : -1)
      const [first, second] = CHOICE
      return validated.toSorted((a, b) => worth(b, first) - worth(a, first) || worth(b, second) - worth(a, second))
    },
  })
  return value
}
