/** The lists of a finished run's method with another mask, from its models as they lie in the run directory. */
import { join } from 'node:path'
import type { Dataset } from '../dataset/dataset.ts'
import { historiesOf } from '../dataset/histories.ts'
import type { Split } from '../dataset/split.ts'
import { evaluate } from '../evaluation/evaluate.ts'
import { judgeLists, type ListWithLength } from '../evaluation/judged-lists.ts'
import { observedBeforeTest } from '../evaluation/observed.ts'
import { seenAt, type TestMask } from '../evaluation/protocols.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { baselines } from '../models/baselines/index.ts'
import { loadEmbeddings } from '../models/model-file.ts'
import type { FinishedRun } from '../run/finished-run.ts'
import type { MetricsRow } from '../run/metrics-file.ts'
import { vectorRecency } from '../run/recency.ts'
import { trainedRecommender } from '../run/recommender.ts'
import { readShare } from '../run/stages/fusion.ts'
import { readSecondStage } from '../run/stages/rerank.ts'
import type { Entry } from './choice.ts'

export interface RankingTask {
  readonly run: FinishedRun
  readonly entry: Entry
  readonly split: Split
  readonly k: number
  readonly mask: TestMask
  readonly kernels: Kernels
  readonly signal?: AbortSignal | undefined
}

/** Test lists by seed, then user. @throws DataError when a model is missing */
export async function rankAgain(task: RankingTask): Promise<ListWithLength[][]> {
  const { entry, split, k, mask, kernels, signal } = task
  const lists: ListWithLength[][] = []
  for (const row of entry.rows) {
    const observed = row.variant === 'history train' ? split.train : observedBeforeTest(split)
    const create = await openModel(task, row, row.variant === 'refit' ? observed : split.train)
    const { items } = kernels.memory.scope(
      () =>
        evaluate(create(), {
          truth: split.test,
          histories: historiesOf(observed),
          seen: seenAt('test', split, mask),
          seed: row.seed,
          cutoffs: [k],
          metrics: ['recall'],
          keepLists: true,
          ...(signal && { signal }),
        }).lists!,
    )
    lists.push(judgeLists(items, k, split.test))
  }
  return lists
}

/** What makes the recommender of a row, fitted on `train`, inside a scope of kernel memory. */
async function openModel({ run, kernels }: RankingTask, row: MetricsRow, train: Dataset) {
  const { method, seed, training, fusion, rerank } = row
  if (training !== undefined) {
    const stored = await loadEmbeddings(join(run.directory, training, 'model.safetensors'))
    const embeddings = { ...stored, ...vectorRecency(run.plan) }
    const share = fusion === undefined ? undefined : await readShare(join(run.directory, fusion))
    const secondStage = rerank === undefined ? undefined : await readSecondStage(join(run.directory, rerank))
    const parts = { embeddings, fusion: share && ([run.plan.fusion!, share] as const), secondStage }
    return () => trainedRecommender({ train, kernels, seed }, parts)
  }
  const definition = baselines.get(method)
  const options = run.plan.baselines.find(({ name }) => name === method)?.options
  return () => definition.fit({ train, kernels, seed }, options)
}
