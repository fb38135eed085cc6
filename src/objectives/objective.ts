/**
 * What an objective is. Most are a loss on the *scores* of positives and negatives. Some look at whole *vectors*: for
 * cosines, or for negatives that a batch shares, of which there are too many to be gathered for each positive.
 */

import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import type {
  Batch,
  BatchPosition,
  CsrPattern,
  Floats,
  Kernels,
  Negatives,
  PairValues,
} from '../kernels/interface/kernels.ts'
import type { OptionsSchema } from '../options.ts'
import { type Declared, type Part, parsePart, partFields, type Typed } from '../registry.ts'
import { callable, checkRequest } from '../requests.ts'

/** A loss on scores, with its derivatives by them. */
export interface Objective {
  /**
   * @param derivatives filled with ∂(mean loss)/∂score
   * @param loss filled with each positive's loss, [B], not divided by B
   */
  differentiate(batch: Batch, negatives: Negatives, scores: PairValues, derivatives: PairValues, loss: Floats): void
}

/** Vectors of a batch, or the gradients of the mean loss by them. */
export interface BatchVectors {
  /** ū of each positive [B × D] */
  readonly users: Floats
  /** p̄ [B × D] */
  readonly positives: Floats
  /** n̄ of each slot [S × D]; zeros in an empty one */
  readonly negatives: Floats
  /** [M × D], of the items that the batch shares */
  readonly shared: Floats
}

/** A loss on vectors, with its gradients by them. */
export interface VectorObjective {
  /** M, the same for every batch of a size */
  sharedCount(batchSize: number): number
  /** Fills `out` [M] with the items that the batch shares; −1 for none. */
  share(batch: Batch, at: BatchPosition, out: Int32Array): void
  /**
   * @param shared the items of `vectors.shared`
   * @param gradients overwritten with the gradients of the mean loss
   * @param scores overwritten with what the positive and its own negatives are compared by
   * @param loss overwritten with each positive's loss, [B], not divided by B
   */
  differentiate(
    batch: Batch,
    negatives: Negatives,
    shared: Int32Array,
    vectors: BatchVectors,
    gradients: BatchVectors,
    scores: PairValues,
    loss: Floats,
  ): void
}

/** All that an objective on vectors is made for; its arrays are allocated in `create`. */
export interface VectorContext {
  readonly kernels: Kernels
  readonly train: Dataset
  /** user → items that are no negatives: observed, and judged false negatives; in kernel memory */
  readonly forbidden: CsrPattern
  readonly dimensions: number
  /** the largest batch that will come */
  readonly batchSize: number
  /** K */
  readonly perPositive: number
  readonly seed: number
}

export interface ScoreObjectiveDefinition<O = unknown> extends Part {
  readonly kind: 'scores'
  create(kernels: Kernels, options: O): Objective
}

export interface VectorObjectiveDefinition<O = unknown> extends Part {
  readonly kind: 'vectors'
  /** whether it knows users by the batch alone, their vectors and rows of `forbidden`; one on scores always does */
  readonly usersByBatch?: boolean
  create(context: VectorContext, options: O): VectorObjective
}

export type ObjectiveDefinition = ScoreObjectiveDefinition | VectorObjectiveDefinition

const FIELDS = {
  ...{ ...partFields, create: callable },
} satisfies Record<keyof Omit<ScoreObjectiveDefinition, 'kind'>, z.ZodType>
const VECTOR_FIELDS = {
  ...{ ...FIELDS, usersByBatch: z.boolean().optional() },
} satisfies Record<keyof Omit<VectorObjectiveDefinition, 'kind'>, z.ZodType>

/** Declares a loss on scores. @throws UsageError for a field that is missing or misspelt */
export function defineObjective<S extends OptionsSchema>(
  definition: Declared<ScoreObjectiveDefinition<z.output<S>>, S>,
): Typed<ScoreObjectiveDefinition, S> {
  checkRequest('defineObjective', FIELDS, definition)
  return {
    ...definition,
    kind: 'scores',
    create: (kernels, options) => definition.create(kernels, parsePart('objective', definition, options)),
  }
}

/** Declares a loss on vectors. @throws UsageError for a field that is missing or misspelt */
export function defineVectorObjective<S extends OptionsSchema>(
  definition: Declared<VectorObjectiveDefinition<z.output<S>>, S>,
): Typed<VectorObjectiveDefinition, S> {
  checkRequest('defineVectorObjective', VECTOR_FIELDS, definition)
  return {
    ...definition,
    kind: 'vectors',
    create: (context, options) => definition.create(context, parsePart('objective', definition, options)),
  }
}

/** An objective that was created, with its kind. */
export type AnyObjective = ({ readonly kind: 'scores' } & Objective) | ({ readonly kind: 'vectors' } & VectorObjective)

export function createObjective(
  definition: ObjectiveDefinition,
  options: unknown,
  context: VectorContext,
): AnyObjective {
  return definition.kind === 'scores'
    ? { kind: 'scores', ...definition.create(context.kernels, options) }
    : { kind: 'vectors', ...definition.create(context, options) }
}
