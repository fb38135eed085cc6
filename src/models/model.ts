/**
 * What a model is. A baseline is fitted in one go; an embedding model is trained by `training/trainer.ts`. Either ends
 * as a `Recommender`, which is all that evaluation, candidates and serving know.
 */
import type { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import type { Batch, CsrPattern, DrawPosition, Floats, Kernels, Tables } from '../kernels/interface/kernels.ts'
import type { TouchedNodes } from '../kernels/rows.ts'
import { type OptionsSchema, parseOptions } from '../options.ts'
import type { Part } from '../registry.ts'
import type { Scorer, TrainedScorer } from './scorer.ts'

export interface RecommendRequest {
  /** internal ids */
  readonly users: Int32Array
  /** user → items that must not be recommended; always passed, never implied */
  readonly seen: CsrPattern
  readonly k: number
  /** [I], a permutation: of two equal scores the smaller rank wins */
  readonly tieRank: Int32Array
}

export interface Recommendations {
  readonly k: number
  /** [users.length × k] internal ids, best first, −1 where too few items are left */
  readonly items: Int32Array
  /** along `items` */
  readonly scores: Float32Array
}

export interface Recommender {
  readonly users: number
  readonly items: number
  recommend(request: RecommendRequest): Recommendations
}

export interface FitContext {
  readonly train: Dataset
  readonly kernels: Kernels
  readonly seed: number
}

/** A model that is fitted in closed form, or by counting. */
export interface BaselineDefinition extends Part {
  readonly kind: 'baseline'
  /** whether the seed changes more than the order of equal scores: it is then fitted anew for every seed of a run */
  readonly stochastic?: boolean
  /** Why this data set is too much for it (with the figures), or undefined. */
  obstacle?(train: Dataset, options: unknown): string | undefined
  fit(context: FitContext, options: unknown): Recommender
}

/** A trainable table; its arrays are in kernel memory. */
export interface Parameter {
  /** [rows × D] */
  readonly values: Floats
  readonly gradient: Floats
  /**
   * Its rows are the nodes, and a step has gradients for the batch's nodes only: the optimizer then moves just those.
   * All rows have gradients when absent.
   */
  readonly sparse?: boolean
}

/** A model whose score is the inner product of pooled user and item vectors, or what its scorer makes of them. */
export interface EmbeddingModel {
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly tables: Tables
  /** of a model of one hop whose scores are no inner products; its parameters are among the model's */
  readonly scorer?: Scorer
  /**
   * Fills the tables from the parameters.
   * @param needed [U + I] a byte for each node, 0 where the last hop and the pooled vector may be left stale; all are
   *   computed when absent
   * @param at the batch that is trained on, for models that are noisy in training; absent when they are to be ranked by
   */
  forward(needed?: Int8Array, at?: BatchPosition): void
  /**
   * Overwrites the parameters' gradients from ∂loss/∂(hop vectors).
   * @param hopGradients [pickedHops × (U + I) × D]; one table stands for every hop
   * @param touched the nodes whose gradients may not be zero; all of them when absent. Of a sparse parameter, only their
   *   rows are overwritten.
   */
  backward(hopGradients: Floats, pickedHops: number, touched?: TouchedNodes): void
  /**
   * A loss of the model's own, after `backward`: adds its gradients to those of the parameters, and its value to each of
   * the batch's losses [B].
   */
  contrast?(batch: Batch, at: BatchPosition, loss: Floats): void
}

/** Which batch of which epoch. */
export type BatchPosition = Pick<DrawPosition, 'epoch' | 'batch'>

export interface EmbeddingContext extends FitContext {
  /** the largest batch that will come, for models with a loss of their own */
  readonly batchSize?: number
  /** weight of each edge in the graph, along `train.byUser.indices`; 1 when absent */
  readonly edgeWeights?: Float32Array
}

export interface EmbeddingDefinition extends Part {
  readonly kind: 'embedding'
  /** What `create` takes, for estimates before a run; that of a graph model of three layers when absent. */
  memory?(sizes: Pick<Dataset, 'users' | 'items' | 'interactions'>, options: unknown): ModelMemory
  /** Of a model with a scorer: how to make that for vectors of a length, given the names of its parameters. */
  readonly scorer?: TrainedScorer['create']
  create(context: EmbeddingContext, options: unknown): EmbeddingModel
}

export interface ModelMemory {
  /** H */
  readonly hops: number
  /** length of the vectors that are ranked by; the option `dimensions` when absent */
  readonly vectorLength?: number
  /** kernel memory that `create` takes */
  readonly bytes: number
}

/** Declares a trainable model; `create` gets its options checked and typed by the schema. */
export function defineEmbeddingModel<S extends OptionsSchema>(definition: {
  name: string
  summary: string
  source: string
  options: S
  memory?(sizes: Pick<Dataset, 'users' | 'items' | 'interactions'>, options: z.output<S>): ModelMemory
  scorer?: TrainedScorer['create']
  create(context: EmbeddingContext, options: z.output<S>): EmbeddingModel
}): EmbeddingDefinition & { options: S } {
  const { memory } = definition
  return {
    ...definition,
    kind: 'embedding',
    ...(memory && {
      memory: (sizes, options) =>
        memory(sizes, parseOptions(definition.options, options, `model "${definition.name}"`)),
    }),
    create: (context, options) =>
      definition.create(context, parseOptions(definition.options, options, `model "${definition.name}"`)),
  }
}
