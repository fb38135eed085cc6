/** A trained row as something that ranks: the model, fused and ranked again where the row is. */
import type { FusionShare } from '../evaluation/fusion-share.ts'
import { foldOf, type SecondStage } from '../evaluation/second-stage.ts'
import type { JudgedPlaces } from '../features/feature.ts'
import { features } from '../features/index.ts'
import { learnFeatures } from '../features/table.ts'
import { type Embeddings, embeddingRecommender } from '../models/embeddings.ts'
import type { FitContext } from '../models/model.ts'
import type { Recommender } from '../models/recommender.ts'
import { reranked } from '../ranking/reranked.ts'
import type { FusionChoice } from './options/plan.ts'
import { fusedRecommender } from './stages/fusion.ts'

/** A second stage, with the verdicts that it goes by. */
export interface StoredSecondStage extends SecondStage {
  readonly verdicts?: JudgedPlaces
}

export interface TrainedParts {
  readonly embeddings: Embeddings
  /** with what it is fused, and how much */
  readonly fusion?: readonly [FusionChoice, FusionShare] | undefined
  readonly secondStage?: StoredSecondStage | undefined
  /** on the validation data, which the second stage was fitted to: each user by the score of the other folds */
  readonly crossFitted?: boolean
}

/**
 * Good for the scope of kernel memory in which it is made.
 * @param context what the model was trained on
 */
export function trainedRecommender(
  context: FitContext,
  { embeddings, fusion, secondStage, crossFitted = false }: TrainedParts,
): Recommender {
  const { kernels, train, seed } = context
  const first = fusion
    ? fusedRecommender({ ...context, embeddings, fusion: fusion[0] }, fusion[1])
    : embeddingRecommender(embeddings, kernels, train)
  if (!secondStage?.used) return first
  const { score, folds, names, verdicts } = secondStage
  const definitions = secondStage.features.map(name => features.get(name))
  return reranked(kernels, {
    ...{ first, score, names, learned: learnFeatures(definitions, { ...context, embeddings, verdicts }) },
    ...(crossFitted && { scoreOf: (user: number) => (user < 0 ? score : folds[foldOf(seed, user)]) }),
  })
}
