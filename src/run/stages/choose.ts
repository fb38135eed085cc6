/** Stage `choose`: which row of the table did best on validation, so that it can be served. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { historiesOf } from '../../dataset/histories.ts'
import { evaluate } from '../../evaluation/evaluate.ts'
import { seenAt } from '../../evaluation/protocols.ts'
import { writeJson } from '../../files.ts'
import type { Run, RunData } from '../context.ts'
import type { Servable } from '../servable.ts'
import { runStage } from '../stage.ts'

export interface ValidatedRow {
  readonly method: string
  /** recall@20 and ndcg@20 on validation data; absent where there is a reason */
  readonly metrics?: Readonly<Record<string, number>>
  /** why it cannot be served, or not be fitted */
  readonly skipped?: string
}

/** What the rows are ordered by. */
export const CHOICE = 'recall@20'

/** All rows, best first; those that cannot be served come last. Before any data is handed out as observed. */
export async function chooseStage(
  run: Run,
  data: RunData,
  rows: readonly Servable[],
): Promise<readonly ValidatedRow[]> {
  const { plan, kernels, signal } = run
  const { train, valid } = data.value
  const { seed } = plan.run
  const { value } = await runStage(run, {
    name: 'choose',
    title: 'Comparing the rows on validation data',
    options: { seed, rows: rows.map(({ method, options }) => ({ method, options })) },
    inputs: Object.assign({ data: data.hash }, ...rows.map(({ inputs }) => inputs)),
    async compute(folder, report) {
      const validated = rows.map(({ method, recommenderOn }, at): ValidatedRow => {
        report.progress(at, rows.length, method)
        return kernels.memory.scope(() => {
          const recommender = recommenderOn(train)
          if (typeof recommender === 'string') return { method, skipped: recommender }
          const { metrics } = evaluate(recommender, {
            ...{ truth: valid, histories: historiesOf(train), seen: seenAt('valid', data.value), seed },
            ...{ cutoffs: [20], metrics: ['recall', 'ndcg'] },
            ...(signal && { signal }),
          })
          const skipped = recommender.needsUsers
          return { method, metrics, ...(skipped !== undefined && { skipped }) }
        })
      })
      const worth = ({ metrics, skipped }: ValidatedRow) => (skipped === undefined ? metrics![CHOICE] : -1)
      const ordered = validated.toSorted((a, b) => worth(b) - worth(a))
      await writeJson(join(folder, 'rows.json'), ordered)
    },
    load: async (folder): Promise<ValidatedRow[]> => JSON.parse(await readFile(join(folder, 'rows.json'), 'utf8')),
  })
  return value
}
