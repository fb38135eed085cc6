/** Stage `fuse-…`: how much of a trained model, and how much of a baseline, their fused scores have. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseShare, type FusionShare } from '../../evaluation/fusion-share.ts'
import { type Embeddings, embeddingRecommender } from '../../models/embeddings.ts'
import { fuse } from '../../models/fusion.ts'
import type { FitContext } from '../../models/model.ts'
import type { Recommender } from '../../models/recommender.ts'
import type { Run, RunData } from '../context.ts'
import { fusedName } from '../method-names.ts'
import type { FusionChoice } from '../options/plan.ts'
import { vectorRecency } from '../recency.ts'
import { runJsonStage, type StageResult } from '../stage.ts'
import { fitBaseline } from './fit-baseline.ts'
import { onValidation } from './on-validation.ts'
import type { TrainedModel } from './train.ts'

const SHARE = 'fusion.json'

/** @param method the trained method that is fused */
export function fusionStage(
  run: Run,
  data: RunData,
  method: string,
  model: StageResult<TrainedModel>,
): Promise<StageResult<FusionShare>> {
  const { plan, kernels } = run
  const fusion = plan.fusion!
  const { seed } = plan.run
  const name = fusedName(method, fusion)
  return runJsonStage(run, {
    name: `fuse-${name}`,
    title: `Fusing ${method} with ${fusion.baseline.name}`,
    options: { seed, fusion, ...vectorRecency(plan) },
    inputs: { data: data.hash, model: model.hash },
    file: SHARE,
    make: report =>
      kernels.memory.scope(() =>
        chooseShare(
          fusionParts({ train: data.value.train, kernels, seed, embeddings: model.value.embeddings, fusion }),
          { ...onValidation(run, data), progress: (done, total) => report.progress(done, total, 'shares') },
        ),
      ),
  })
}

/** From the folder of the stage. */
export async function readShare(folder: string): Promise<FusionShare> {
  return JSON.parse(await readFile(join(folder, SHARE), 'utf8'))
}

export interface FusedModel extends FitContext {
  readonly embeddings: Embeddings
  readonly fusion: FusionChoice
}

/** Good for the scope of kernel memory in which it is made. */
export function fusedRecommender(model: FusedModel, { share }: Pick<FusionShare, 'share'>): Recommender {
  return fuse({ ...fusionParts(model), share })
}

function fusionParts({ embeddings, fusion: { baseline, depth }, ...context }: FusedModel) {
  return {
    kernels: context.kernels,
    first: embeddingRecommender(embeddings, context.kernels, context.train),
    second: fitBaseline(context, baseline, '--fuse-with'),
    depth,
  }
}
