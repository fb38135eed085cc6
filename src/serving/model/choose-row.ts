/** Which row of a run is served where none was named and none was fitted. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../errors.ts'
import type { Watch } from '../../run/stage.ts'
import { readSecondStage } from '../../run/stages/rerank.ts'
import { validateRows } from '../../run/validate-rows.ts'

export interface TrainedRow {
  /** of its model */
  readonly folder: string
  /** name of its fused row, where it is one */
  readonly fused?: string
  /** name of the row that is ranked again, where it is */
  readonly rerank?: string
}

export interface ChosenRow {
  readonly method: string
  /** on validation data, where that was looked at */
  readonly metrics?: Readonly<Record<string, number>>
  /** what it was chosen from; none where it was named */
  readonly choice?: string
}

/**
 * The row with the best Recall@20 on validation data, baselines included: the comparison that `fit` makes, kept in the run.
 * Where that cannot be made, the best of the trained rows, as their own stages have it.
 * @param trained rows whose stages are complete
 * @returns undefined where there is no row at all
 */
export async function chooseRow(
  directory: string,
  trained: ReadonlyMap<string, TrainedRow>,
  watch: Watch = {},
): Promise<ChosenRow | undefined> {
  let missing = ''
  for (const until of trained.size > 0 ? (['evaluate', 'base'] as const) : (['data'] as const)) {
    try {
      const rows = await validateRows(directory, until, watch)
      const servable = rows.filter(({ skipped }) => skipped === undefined)
      if (servable.length > 0 && [...trained.keys()].every(method => rows.some(row => row.method === method)))
        return { ...servable[0], choice: `the best of ${servable.length} rows on validation data` }
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      missing ||= error.message
    }
  }
  const method = await bestTrained(directory, trained)
  if (method === undefined) return
  return { method, choice: `the best trained row on validation data (baselines were not compared: ${missing})` }
}

/** Of the rows that are trained, the one with the best Recall@20 on validation data. */
async function bestTrained(directory: string, rows: ReadonlyMap<string, TrainedRow>): Promise<string | undefined> {
  const json = async (...path: string[]) => JSON.parse(await readFile(join(directory, ...path), 'utf8'))
  let best: { method: string; recall: number } | undefined
  for (const [method, { folder, fused, rerank }] of rows) {
    if (rerank) {
      // a second stage that is not used is its first one
      const { used, second } = await readSecondStage(join(directory, `rerank-${rerank}`))
      if (used && (!best || second['recall@20'] > best.recall)) best = { method, recall: second['recall@20'] }
      continue
    }
    const looks: { recall: number }[] = fused ? (await json(`fuse-${method}`, 'fusion.json')).looks : []
    const epochs: { validation?: number }[] = fused ? [] : (await json(folder, 'history.json')).history
    const recall = Math.max(...looks.map(look => look.recall), ...epochs.map(({ validation = 0 }) => validation))
    if (!best || recall > best.recall) best = { method, recall }
  }
  return best?.method
}
