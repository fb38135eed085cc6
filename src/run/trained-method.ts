/** A method of the table while it is made: what it is trained from, and what comes out. */
import type { Dataset } from '../dataset/dataset.ts'
import type { FusionShare } from '../evaluation/fusion-share.ts'
import type { Calibration } from '../judge-audit/calibration.ts'
import type { Candidates } from '../judges/judge.ts'
import type { Recommender } from '../models/recommender.ts'
import type { Run } from './context.ts'
import type { MetricsRow } from './metrics-file.ts'
import { type StoredSecondStage, trainedRecommender } from './recommender.ts'
import type { StageResult } from './stage.ts'
import type { StoredVerdicts } from './stages/judge.ts'
import type { Mask } from './stages/released.ts'
import type { Basis, TrainedModel } from './stages/train.ts'
import type { StoredTrees } from './stages/trees.ts'

/** A row of the table that is trained, of one seed, before it is evaluated. */
export interface TrainedMethod {
  readonly name: string
  readonly protocol: MetricsRow['protocol']
  readonly run: Run
  readonly options: Record<string, unknown>
  readonly model: StageResult<TrainedModel>
  /** with how much of the plan's baseline it is fused, when it is */
  readonly fusion?: StageResult<FusionShare>
  /** how its list is ranked again, when it is */
  readonly rerank?: StageResult<StoredSecondStage>
  /** folder of its evaluation, after `evaluate-` */
  readonly folder: string
  /** what its ranking leaves out, when not what the strict protocol does */
  readonly mask?: Mask
  /**
   * Trains the model once more, on other data, for as many epochs as validation chose: judgements, codes and shares stay.
   * Absent under the released protocol.
   */
  readonly retrain?: (basis: Basis) => Promise<StageResult<TrainedModel>>
}

/** The row as something that ranks, see `trainedRecommender`. @param train what its model was trained on */
export function recommenderOf(
  { run: { kernels, plan }, model, fusion, rerank }: Pick<TrainedMethod, 'run' | 'model' | 'fusion' | 'rerank'>,
  train: Dataset,
  crossFitted = false,
): Recommender {
  return trainedRecommender(
    { train, kernels, seed: plan.run.seed },
    {
      embeddings: model.value.embeddings,
      fusion: fusion && [plan.fusion!, fusion.value],
      secondStage: rerank?.value,
      crossFitted,
    },
  )
}

/** What one seed's methods are trained from; without DTL-NS, what there is need of. */
export interface Ingredients {
  readonly base: StageResult<TrainedModel>
  readonly trees?: StageResult<StoredTrees>
  readonly candidates?: StageResult<Candidates>
  readonly judged?: StageResult<StoredVerdicts>
  /** what the confidences are worth, when the plan asks for that */
  readonly calibration?: StageResult<Calibration>
}

/** What DTL-NS is trained from. */
export type Judged = Ingredients & Required<Pick<Ingredients, 'trees' | 'candidates' | 'judged'>>
