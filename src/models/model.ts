/**
 * What a model is. A baseline is fitted in one go; an embedding model is trained by `training/trainer.ts`. Either ends
 * as a `Recommender`, which is all that evaluation, candidates and serving know.
 */
import type { z } from 'zod'
import type { DataSizes, Dataset } from '../dataset/dataset.ts'
import type { Histories } from '../dataset/histories.ts'
import type {
  Batch,
  BatchPosition,
  CsrMatrix,
  CsrPattern,
  Floats,
  Kernels,
  PackedItems,
  Tables,
} from '../kernels/interface/kernels.ts'
import type { TouchedNodes } from '../kernels/rows.ts'
import { type OptionsSchema, parseOptions } from '../options.ts'
import type { Part, Typed } from '../registry.ts'
import type { DecayOptions } from './decay.ts'
import type { Propagated } from './fold-in.ts'
import type { Tensor } from './safetensors.ts'
import type { Scorer, TrainedScorer } from './scorer.ts'
import type { StoredRecommender } from './stored.ts'

/** Rows that are ranked or scored: anybody with a history. */
export interface HistoryBlock {
  readonly histories: Histories
  /**
   * The user of the training data that each row is, −1 for anybody else; nobody is known when absent. Only models that keep
   * something of their own for each user look at it.
   */
  readonly users?: Int32Array
}

export interface RecommendRequest extends HistoryBlock {
  /** row → items that must not be recommended; always passed, never implied */
  readonly seen: CsrPattern
  readonly k: number
  /** [I], a permutation: of two equal scores the smaller rank wins */
  readonly tieRank: Int32Array
}

export interface Recommendations {
  readonly k: number
  /** [rows × k] internal ids, best first, −1 where too few items are left */
  readonly items: Int32Array
  /** along `items` */
  readonly scores: Float32Array
}

/**
 * Ranks for histories. Rows do not depend on each other: one alone gives the same bytes as among many. Good for the scope of
 * kernel memory in which it was made.
 */
export interface Recommender {
  /** that it was trained on */
  readonly users: number
  readonly items: number
  /** @throws RunError for a row that it cannot rank for, see `needsUsers` */
  recommend(request: RecommendRequest): Recommendations
  /** Fills `scores` [rows × I], in kernel memory, with what all items are ranked by; absent where that is known of a list's items only. */
  score?(block: HistoryBlock, scores: Floats): void
  /** [I × I] in kernel memory, where a score is the sum of the rows of the history's items */
  readonly weights?: CsrMatrix | DenseWeights
  /** how what is long ago counts less there */
  readonly decay?: DecayOptions
  /** where a score is an inner product with them */
  readonly itemVectors?: { readonly panels: PackedItems; readonly dimensions: number }
  /** the vectors of rows [rows × D] that these are multiplied by, in ordinary memory */
  vectors?(block: HistoryBlock): Float32Array
  /** those that a fused one is made from */
  readonly parts?: readonly Recommender[]
  /** Why items stand where they stand, in words, where a score is a sum that means something. */
  explain?(request: RecommendRequest, wanted: readonly number[]): Contribution[][]
  /** Of a fused one, for a request of one row: for each part, what it adds to the scores of some items. */
  addends?(request: RecommendRequest, items: readonly number[]): number[][]
  /** As arrays that `openStored` makes the same recommender from; absent where there is no way to write it down. */
  store?(): StoredRecommender
  /** why it ranks for the users and histories alone that it was trained on; absent when any history will do */
  readonly needsUsers?: string
}

/** A term of a score. */
export interface Contribution {
  readonly feature: string
  /** what it says of the item, after "because" */
  readonly meaning: string
  /** against the mean over the candidates that the item was compared with */
  readonly contribution: number
}

export interface DenseWeights {
  /** [I × stride] */
  readonly values: Floats
  readonly stride: number
}

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
export interface BaselineDefinition extends Part {
  readonly kind: 'baseline'
  /** values of its options that a search on validation tries, by option; absent where a fit takes too long for that */
  readonly search?: SearchSpace
  /** whether the seed changes more than the order of equal scores: it is then fitted again for every seed of a run */
  readonly stochastic?: boolean
  /** whether weights of interactions change what it does; those of others are told of */
  readonly usesWeights?: boolean
  /** Kernel memory in bytes that it keeps, beside the scores of a block; nothing worth a mention when absent. */
  memory?(sizes: DataSizes, options: unknown): number
  /** Ordinary memory in bytes that it keeps; nothing worth a mention when absent. */
  heapMemory?(sizes: DataSizes, options: unknown): number
  /** Why this data set is too much for it (with the figures), or undefined. */
  unsupportedReason?(train: Dataset, options: unknown): string | undefined
  fit(context: FitContext, options: unknown): Recommender
  /** The same in steps, where that takes long: see `fitInSteps`. */
  longFit?(context: FitContext, options: unknown): LongFit | undefined
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
  /** whether the one parameter, `embeddings`, is the one hop: `forward` and `backward` then do nothing but copy, and a step may skip them */
  readonly direct?: boolean
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
  /** What folding a history in takes, in ordinary memory, where pooled vectors are means of hops: as the last `forward` left them. */
  propagated?(): Propagated
  /**
   * A loss of the model's own, after `backward` and the L2 term: adds its gradients to those of the parameters, and its value to each
   * of the batch's losses [B].
   */
  contrast?(batch: Batch, at: BatchPosition, loss: Floats): void
}

export interface EmbeddingContext extends FitContext {
  /** the largest batch that will come, for models with a loss of their own */
  readonly batchSize?: number
  /** weight of each edge in the graph, along `train.byUser.indices`; 1 when absent */
  readonly edgeWeights?: Float32Array
}

export interface EmbeddingDefinition extends Part {
  readonly kind: 'embedding'
  /** What `create` takes, for estimates before a run; that of a graph model of three layers when absent. */
  memory?(sizes: DataSizes, options: unknown): ModelMemory
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
  memory?(sizes: DataSizes, options: z.output<S>): ModelMemory
  scorer?: TrainedScorer['create']
  create(context: EmbeddingContext, options: z.output<S>): EmbeddingModel
}): Typed<EmbeddingDefinition, S> {
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

/** What an opener works with. */
export interface OpenContext {
  readonly kernels: Kernels
  readonly options: StoredRecommender['options']
  /** @throws DataError when the model has no such tensor */
  tensor(name: string): Tensor['values']
  /** of all its tensors */
  readonly tensors: readonly string[]
  /** @throws DataError when the model has no such part */
  part(role: string): Recommender
}
