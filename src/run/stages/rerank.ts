/** Stage `rerank-…`: the second stage of a method's ranking, fitted to validation data. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fitSecondStage, type SecondStage } from '../../evaluation/second-stage.ts'
import type { JudgedPlaces } from '../../features/feature.ts'
import { features } from '../../features/index.ts'
import { learnFeatures, openFeatures } from '../../features/table.ts'
import { writeAtomic, writeJson } from '../../files.ts'
import { type Candidates, judgedPlaces } from '../../judges/judge.ts'
import { decodeTensors, encodeTensors } from '../../models/safetensors.ts'
import { rankingFeatures } from '../../ranking/reranked.ts'
import { POOL, poolTable } from '../../ranking/second-stage.ts'
import type { RunData } from '../context.ts'
import { vectorRecency } from '../recency.ts'
import type { StoredSecondStage } from '../recommender.ts'
import { runStage, type StageResult } from '../stage.ts'
import { recommenderOf, type TrainedMethod } from '../trained-method.ts'
import type { StoredVerdicts } from './judge.ts'
import { onValidation } from './on-validation.ts'

const FILE = 'second-stage.json'
const VERDICTS = 'verdicts.safetensors'

/** @param judged whose verdicts it goes by, where it does */
export function rerankStage(
  data: RunData,
  method: Pick<TrainedMethod, 'run' | 'name' | 'model' | 'fusion'>,
  judged?: { readonly candidates: StageResult<Candidates>; readonly verdicts: StageResult<StoredVerdicts> },
): Promise<StageResult<StoredSecondStage>> {
  const { run, name, model, fusion } = method
  const { plan, kernels } = run
  const { seed, rerankUsers } = plan.run
  const names = rankingFeatures(plan.run.rerank === 'learned' ? 'learned' : 'judge', judged !== undefined)
  return runStage(run, {
    name: `rerank-${name}`,
    title: `Fitting the second stage of ${name}`,
    format: 2,
    options: { seed, pool: POOL, users: rerankUsers, features: names, fusion: plan.fusion, ...vectorRecency(plan) },
    inputs: {
      data: data.hash,
      model: model.hash,
      ...(fusion && { fusion: fusion.hash }),
      ...(judged && { candidates: judged.candidates.hash, judge: judged.verdicts.hash }),
    },
    async compute(folder, report) {
      const { train } = data.value
      const { embeddings } = model.value
      const context = { train, kernels, seed }
      const verdicts = judged && judgedPlaces(judged.candidates.value, judged.verdicts.value.verdicts)
      const stage = kernels.memory.scope(() => {
        const first = recommenderOf(method, train)
        const definitions = names.map(own => features.get(own))
        const learned = learnFeatures(definitions, { ...context, embeddings, verdicts })
        return fitSecondStage(first, poolTable(openFeatures(learned, kernels, train.items)), kernels, {
          ...onValidation(run, data),
          mostUsers: rerankUsers,
          progress: (done, total) => report.progress(done, total, 'users'),
        })
      })
      report.message(describeSecondStage(stage, name))
      await writeJson(join(folder, FILE), { features: names, ...stage })
      if (verdicts) await writeJudged(join(folder, VERDICTS), verdicts)
    },
    load: readSecondStage,
  })
}

/** From the folder of the stage. */
export async function readSecondStage(folder: string): Promise<StoredSecondStage> {
  const stage: SecondStage = JSON.parse(await readFile(join(folder, FILE), 'utf8'))
  return stage.features.includes('verdicts') ? { ...stage, verdicts: await readJudged(join(folder, VERDICTS)) } : stage
}

function writeJudged(path: string, { k, items, confidence }: JudgedPlaces): Promise<void> {
  const shape = [items.length / k, k]
  const tensors = { items: { shape, values: items }, confidence: { shape, values: confidence } }
  return writeAtomic(path, encodeTensors({ tensors, metadata: {} }))
}

async function readJudged(path: string): Promise<JudgedPlaces> {
  const { items, confidence } = decodeTensors(await readFile(path), path).tensors
  return { k: items.shape[1], items: items.values as Int32Array, confidence: confidence.values as Float32Array }
}

/** What it is worth on validation, and whether it is used. */
export function describeSecondStage(
  { used, first, second, lists }: Pick<SecondStage, 'used' | 'first' | 'second' | 'lists'>,
  name: string,
): string {
  const figures = (own: SecondStage['first']) => `${shown(own['recall@20'])}/${shown(own['ndcg@20'])}`
  const shown = (value: number) => value.toFixed(4).replace(/^0/, '')
  const compared = `Recall/NDCG@20 ${figures(second)} on validation, cross-fitted over users, where ${name} has ${figures(first)}`
  return used
    ? `The second stage, fitted to ${lists} users: ${compared}.`
    : `The second stage is not used, since it has no higher Recall@20: ${compared}. The row is that of ${name}.`
}
