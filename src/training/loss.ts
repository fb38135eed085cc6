/** From a batch and its negatives to the loss and its gradients by the model's hop vectors, for either kind of objective. */
import { UsageError } from '../errors.ts'
import type { Batch, BatchNodes, Floats, Negatives, PairGradients, PairValues } from '../kernels/interface/kernels.ts'
import type { EmbeddingDefinition } from '../models/model.ts'
import type { AnyObjective, Objective, ObjectiveDefinition } from '../objectives/objective.ts'
import { type BatchSizes, byVectors, type Differentiate, innerProducts, scoredBy } from './vector-loss.ts'

/**
 * @throws UsageError for an objective on vectors and a model whose scores are no inner products of them
 */
export function checkObjective(model: EmbeddingDefinition, objective: ObjectiveDefinition): void {
  if (!model.scorer || objective.kind === 'scores') return
  throw new UsageError(
    `objective "${objective.name}" compares vectors, and model "${model.name}" scores pairs by a network: use an objective on scores, such as bce or bpr`,
  )
}

export interface LossParts extends BatchSizes {
  readonly objective: AnyObjective
  /** whether batches come with a shift: an objective on scores is then one on the shifted vectors */
  readonly shifts?: boolean
}

export interface Loss {
  /** what the last batch's positives and negatives were compared by */
  readonly scores: PairValues
  /** of the last batch's positives, [B] */
  readonly loss: Floats
  /** the most items that a batch's positives share as negatives */
  readonly shared: number
  readonly differentiate: Differentiate
  /** The part of `differentiate` before the tables, of an objective on scores. */
  readonly pairGradients?: PairStep
}

type PairStep = (batch: Batch, negatives: Negatives, touched: BatchNodes) => PairGradients

export function createLoss(parts: LossParts): Loss {
  const { kernels, batchSize, perPositive } = parts
  const scorer = parts.tables.scorer ?? (parts.shifts ? innerProducts(kernels, parts.tables.dimensions) : undefined)
  const objective =
    scorer && parts.objective.kind === 'scores' ? scoredBy(parts, scorer, parts.objective) : parts.objective
  const { memory } = kernels
  const scores = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }
  const loss = memory.floats(batchSize)
  if (objective.kind === 'scores') return { scores, loss, shared: 0, ...byScores(parts, objective, scores, loss) }
  const differentiate = byVectors(parts, objective, scores, loss)
  return { scores, loss, shared: objective.sharedCount(batchSize), differentiate }
}

function byScores(parts: LossParts, objective: Objective, scores: PairValues, loss: Floats) {
  const { kernels, tables, batchSize, perPositive } = parts
  const { memory } = kernels
  const derivatives = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }
  const { dimensions } = tables
  const userGradients = memory.floats(batchSize * dimensions)
  const pairGradients: PairStep = (batch, negatives, touched) => {
    kernels.scorePairs(tables, batch, negatives, scores.positive, scores.negative)
    objective.differentiate(batch, negatives, scores, derivatives, loss)
    kernels.userGradients(tables, batch, negatives, derivatives, userGradients)
    kernels.groupByNode(tables, batch, negatives, touched)
    return { derivatives, userGradients }
  }
  const differentiate: Differentiate = (batch, _at, negatives, touched) => {
    pairGradients(batch, negatives, touched)
    return (hop, out) =>
      kernels.scatterGradients(tables, batch, negatives, derivatives, userGradients, touched, hop, out)
  }
  return { differentiate, pairGradients }
}
