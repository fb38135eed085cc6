/**
 * What a model is. A baseline is fitted in one go; an embedding model is trained by `training/trainer.ts`. Either ends
 * as a `Recommender`, which is all that evaluation, candidates and serving know.
 */

import { z } from 'zod'
import type { DataSizes, Dataset } from '../dataset/dataset.ts'
import type { Batch, BatchPosition, Floats, Kernels, Tables } from '../kernels/interface/kernels.ts'
import type { TouchedNodes } from '../kernels/rows.ts'
import type { OptionsSchema } from '../options.ts'
import { type Declared, type Part, parsePart, partFields, type Typed } from '../registry.ts'
import { callable, checkRequest } from '../requests.ts'
import type { Propagated } from './fold-in.ts'
import type { Recommender } from './recommender.ts'

export interface FitContext {
  readonly train: Dataset
  readonly kernels: Kernels
  readonly seed: number
}

/** A fit that takes minutes or more, in steps of seconds: it can be stopped between two of them, and resumed elsewhere. */
export interface LongFit {
  /** what it takes, for whoever waits */
  readonly forecast: string
  readonly steps: number
  readonly done: number
  step(): void
  /** once all steps are done */
  recommender(): Recommender
  /** @param key fingerprint of data and options; @throws OutputError such as for want of space */
  save(path: string, key: string): Promise<void>
  /** Before the first step: whether there was something of this key to go on from. What is damaged is not used. */
  resume(path: string, key: string): Promise<boolean | 'damaged'>
}

/** Values by option, in the order in which the options are searched. */
export type SearchSpace = Readonly<Record<string, readonly number[]>>

/** A model that is fitted in closed form, or by counting. */
export interface BaselineDefinition<O = unknown> extends Part {
  readonly kind: 'baseline'
  /** values of its options that a search on validation tries, by option; absent where a fit takes too long for that */
  readonly search?: SearchSpace
  /** whether the seed changes more than the order of equal scores: it is then fitted again for every seed of a run */
  readonly stochastic?: boolean
  /** whether weights of interactions change what it does; those of others are told of */
  readonly usesWeights?: boolean
  /** Kernel memory in bytes that it keeps, beside the scores of a block; nothing worth a mention when absent. */
  footprint?(sizes: DataSizes, options: O): number
  /** Ordinary memory in bytes that it keeps; nothing worth a mention when absent. */
  heapFootprint?(sizes: DataSizes, options: O): number
  /** Why this data set is too much for it (with the figures), or undefined. */
  unsupportedReason?(train: Dataset, options: O): string | undefined
  fit(context: FitContext, options: O): Recommender
  /** The same in steps, where that takes long: see `fitInSteps`. */
  longFit?(context: FitContext, options: O): LongFit | undefined
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

/**
 * Scores of pairs that are no inner products. A model with a scorer has vectors in one hop like any other, and training,
 * samplers, ranking and files ask the scorer where they would otherwise multiply: `score` and `backward` have the shapes of the
 * kernels' `dotRows` and `dotRowsBack`. The samplers dens and ans are the exception: their gates and directions are of vectors
 * and compare by inner products under every model.
 */
export interface Scorer {
  /** all of their rows have gradients */
  readonly parameters: Readonly<Record<string, Parameter>>
  /** out[r] = the score of users[⌊r / perRow⌋] and items[r], for each row of items; vectors are rows of D */
  score(users: Floats, items: Floats, perRow: number, out: Floats): void
  /**
   * From ∂loss/∂out of `score`: adds ∂loss/∂users to `toUsers`, overwrites `toItems` with ∂loss/∂items, and adds to the
   * gradients of the parameters.
   */
  backward(users: Floats, items: Floats, derivatives: Floats, perRow: number, toUsers: Floats, toItems: Floats): void
  /** Zeroes the gradients of the parameters. */
  clear(): void
  /** The scores of a user [D] with all of `items` [I × D], to `out` [I]; what can be done once for all users is done now. */
  against(items: Floats): (user: Floats, out: Floats) => void
}

/** A trained scorer, apart from any kernels: how to make it, and the values of its parameters. */
export interface TrainedScorer {
  /** name of the model whose scorer it is */
  readonly model: string
  readonly create: (kernels: Kernels, dimensions: number, names: readonly string[]) => Scorer
  readonly values: Readonly<Record<string, Float32Array>>
}

/** Overwrites, in `out` [(U + I) × D], the rows of the nodes that have a gradient with ∂loss/∂(their vectors in a hop). */
export type WriteGradients = (hop: number, out: Floats) => void

export interface ModelTables extends Tables {
  /** of a model of one hop whose scores are no inner products; its parameters are among the model's */
  readonly scorer?: Scorer
}

/** A model whose score is the inner product of pooled user and item vectors, or what its scorer makes of them. */
export interface EmbeddingModel {
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly tables: ModelTables
  /** whether the one parameter, `embeddings`, is the one hop: `forward` and `backward` then do nothing but copy, and a step may skip them */
  readonly direct?: boolean
  /** [(U + I) × D] of a model whose one hop mixes the vectors of many nodes: what an L2 term on all vectors is on, in place of the hop */
  readonly initial?: Floats
  /**
   * Fills the tables from the parameters.
   * @param needed [U + I] a byte for each node, 0 where the last hop and the pooled vector may be left stale; all are
   *   computed when absent
   * @param at the batch that is trained on, for models that are noisy in training; absent when they are to be ranked by
   */
  forward(needed?: Int8Array, at?: BatchPosition): void
  /**
   * Overwrites the parameters' gradients, which then are good until the next `forward`, and may work in the tables of hops beyond the first.
   * @param write gives ∂loss/∂(hop vectors) and is asked for each hop once; with pickedHops = 1 those by hop 0 are those by every hop
   * @param touched the nodes whose gradients may not be zero, and whose rows `write` fills; all of them when absent. Of a sparse
   *   parameter, only their rows are overwritten.
   */
  backward(write: WriteGradients, pickedHops: number, touched?: TouchedNodes): void
  /** Where pooled vectors are means of hops: rewrites what folding a history in takes, as the last `forward` left it. */
  propagated?(out: Propagated): void
  /**
   * A loss of the model's own, after `backward` and the L2 term: adds its gradients to those of the parameters, and its value to each
   * of the batch's losses [B].
   */
  contrast?(batch: Batch, at: BatchPosition, loss: Floats): void
}

/** What initial vectors are drawn by. */
export interface Draw {
  readonly seed: number
  /** standard deviation of their numbers; Xavier's when absent or 0 */
  readonly initialDeviation?: number
}

export interface EmbeddingContext extends FitContext, Draw {
  /** the largest batch that will come, for models with a loss of their own */
  readonly batchSize?: number
  /** weight of each edge in the graph, along `train.byUser.indices`; 1 when absent */
  readonly edgeWeights?: Float32Array
}

export interface EmbeddingDefinition<O = unknown> extends Part {
  readonly kind: 'embedding'
  /** one table of vectors, whose users may lie outside of kernel memory but for those of a batch: its model is `direct` */
  readonly usersByBatch?: boolean
  /** What `create` takes, for estimates before a run; that of a graph model of three layers when absent. */
  footprint?(sizes: DataSizes, options: O): ModelFootprint
  /** Of a model with a scorer: how to make that for vectors of a length, given the names of its parameters. */
  readonly scorer?: TrainedScorer['create']
  create(context: EmbeddingContext, options: O): EmbeddingModel
}

export interface ModelFootprint {
  /** H */
  readonly hops: number
  /** length of the vectors that are ranked by; the option `dimensions` when absent */
  readonly vectorLength?: number
  /** kernel memory that `create` takes, and ranking where that is not by inner products */
  readonly bytes: number
}

const FIELDS = {
  ...{ ...partFields, create: callable, footprint: callable.optional(), scorer: callable.optional() },
  usersByBatch: z.boolean().optional(),
} satisfies Record<keyof Omit<EmbeddingDefinition, 'kind'>, z.ZodType>

/** Declares a trainable model; `create` gets its options checked and typed by the schema. @throws UsageError for a field that is missing or misspelt */
export function defineEmbeddingModel<S extends OptionsSchema>(
  definition: Declared<EmbeddingDefinition<z.output<S>>, S>,
): Typed<EmbeddingDefinition, S> {
  checkRequest('defineEmbeddingModel', FIELDS, definition)
  const { footprint } = definition
  const parsed = (options: unknown) => parsePart('model', definition, options)
  return {
    ...definition,
    kind: 'embedding',
    ...(footprint && { footprint: (sizes, options) => footprint(sizes, parsed(options)) }),
    create: (context, options) => definition.create(context, parsed(options)),
  }
}
