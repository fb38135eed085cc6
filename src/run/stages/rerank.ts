/** Stage `rerank-…`: the second stage of a method's ranking, fitted to validation data. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { historiesOf } from '../../dataset/histories.ts'
import { seenAt } from '../../evaluation/protocols.ts'
import { fitSecondStage, type SecondStage } from '../../evaluation/second-stage.ts'
import { learnFeatures, openFeatures } from '../../features/table.ts'
import { writeAtomic } from '../../files.ts'
import { rankingFeatures } from '../../ranking/reranked.ts'
import { POOL, poolTable } from '../../ranking/second-stage.ts'
import type { RunData } from '../context.ts'
import type { TrainedMethod } from '../methods.ts'
import { vectorRecency } from '../recency.ts'
import { trainedRecommender } from '../recommender.ts'
import { runStage, type StageResult } from '../stage.ts'

/** Row of the method that a run is about, with its second stage. */
export const RERANKED = 'reranked'

const FILE = 'second-stage.json'

export function rerankStage(
  data: RunData,
  { run, name, model, fusion }: Pick<TrainedMethod, 'run' | 'name' | 'model' | 'fusion'>,
): Promise<StageResult<SecondStage>> {
  const { plan, kernels, signal } = run
  const { seed } = plan.run
  return runStage(run, {
    name: `rerank-${name}`,
    title: `Fitting the second stage of ${name}`,
    options: {
      seed,
      pool: POOL,
      features: rankingFeatures.map(own => own.name),
      fusion: plan.fusion,
      ...vectorRecency(plan),
    },
    inputs: { data: data.hash, model: model.hash, ...(fusion && { fusion: fusion.hash }) },
    async compute(folder, report) {
      const { train, valid } = data.value
      const { embeddings } = model.value
      const context = { train, kernels, seed }
      const stage = kernels.memory.scope(() => {
        const first = trainedRecommender(context, { embeddings, fusion: fusion && [plan.fusion!, fusion.value] })
        const features = openFeatures(learnFeatures(rankingFeatures, { ...context, embeddings }), kernels, train.items)
        return fitSecondStage(first, poolTable(features), kernels, {
          ...{ truth: valid, histories: historiesOf(train), seen: seenAt('valid', data.value, 'train+valid'), seed },
          ...(signal && { signal }),
          progress: (done, total) => report.progress(done, total, 'users'),
        })
      })
      report.message(describeSecondStage(stage, name))
      await writeAtomic(join(folder, FILE), `${JSON.stringify(stage, null, 2)}\n`)
    },
    load: readSecondStage,
  })
}

/** From the folder of the stage. */
export async function readSecondStage(folder: string): Promise<SecondStage> {
  return JSON.parse(await readFile(join(folder, FILE), 'utf8'))
}

/** What it is worth on validation, and whether it is used. */
export function describeSecondStage({ used, first, second, lists }: SecondStage, name: string): string {
  const figures = (own: SecondStage['first']) => `${shown(own['recall@20'])}/${shown(own['ndcg@20'])}`
  const shown = (value: number) => value.toFixed(4).replace(/^0/, '')
  const compared = `Recall/NDCG@20 ${figures(second)} on validation, cross-fitted over users, where ${name} has ${figures(first)}`
  return used
    ? `The second stage, fitted to ${lists} users: ${compared}.`
    : `The second stage is not used, since it has no higher Recall@20: ${compared}. The row is that of ${name}.`
}
