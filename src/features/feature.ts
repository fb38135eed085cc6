/**
 * What a feature is: numbers that train says of a user's history and a candidate item. The learned judge and the second
 * stage of the ranking are made from features alone, so that whatever one of them knows the other can use too.
 */
import type { z } from 'zod'
import type { DataSizes } from '../dataset/dataset.ts'
import type { Codes, Kernels } from '../kernels/interface/kernels.ts'
import type { Embeddings } from '../models/embeddings.ts'
import type { FitContext } from '../models/model.ts'
import type { HistoryBlock } from '../models/recommender.ts'
import type { Tensor } from '../models/safetensors.ts'
import { type Part, partFields } from '../registry.ts'
import { callable, checkRequest } from '../requests.ts'

/** All that features may be made from: train data, and what was learned from it. */
export interface FeatureContext extends FitContext {
  /** of a model trained on `train` */
  readonly embeddings?: Pick<Embeddings, 'dimensions' | 'itemVectors'> | undefined
  /** of trees built from `train` */
  readonly codes?: { readonly structural: Codes; readonly semantic: Codes } | undefined
  /** of a judge that was asked about k candidates of every user */
  readonly verdicts?: JudgedPlaces | undefined
}

export interface JudgedPlaces {
  readonly k: number
  /** [U × k] −1 where there is no candidate, or no verdict on it */
  readonly items: Int32Array
  /** along `items` */
  readonly confidence: Float32Array
}

/** C candidates for each of R histories. */
export interface CandidateBlock extends HistoryBlock {
  /** C */
  readonly k: number
  /** [R × C] items, −1 where there is none; none is in its own history */
  readonly items: Int32Array
}

/** Where the columns of one feature go: column c of place p is `values[p · stride + first + c]`. */
export interface FeatureTable {
  /** [R · C × stride], zeros where there is no candidate */
  readonly values: Float32Array
  readonly stride: number
  readonly first: number
}

/** Good for the scope of kernel memory in which it was made. */
export interface Feature {
  readonly columns: readonly Column[]
  /** Fills its columns, which are zeros before. A row does not depend on other rows. */
  fill(block: CandidateBlock, out: FeatureTable): void
}

export interface Column {
  /** within the feature: `sum`, `largest` */
  readonly name: string
  /** what a large value means, after "because": plain words for reports */
  readonly meaning: string
  /**
   * `amount`: not negative, on a scale of its own, so that it is compared with the largest of the user's list, and enters
   * with its root; `value`: enters as it is
   */
  readonly kind: 'amount' | 'value'
}

/** What a feature keeps of the train data, to be written down with a model. */
export interface FeatureState {
  readonly ordered: boolean
  readonly tensors: Readonly<Record<string, Tensor>>
}

/** Kernel memory in bytes. */
export interface FeatureFootprint {
  readonly kept: number
  /** while it learns, beside what is kept */
  readonly learning?: number
}

export interface FeatureDefinition extends Part {
  /** @param dimensions of the trained vectors */
  footprint?(sizes: DataSizes, dimensions: number): FeatureFootprint
  /** Why it says nothing with this context ("the data has no order"), or undefined. */
  unavailable?(context: FeatureContext): string | undefined
  learn(context: FeatureContext): FeatureState
  /** @param tensor the values of a tensor of its state */
  open(kernels: Kernels, tensor: (name: string) => Tensor['values'], ordered: boolean, items: number): Feature
}

const FIELDS = {
  ...{
    ...partFields,
    learn: callable,
    open: callable,
    footprint: callable.optional(),
    unavailable: callable.optional(),
  },
} satisfies Record<keyof FeatureDefinition, z.ZodType>

/** Declares a feature. @throws UsageError for a field that is missing or misspelt */
export function defineFeature(definition: FeatureDefinition): FeatureDefinition {
  checkRequest('defineFeature', FIELDS, definition)
  return definition
}

/** Calls `visit` with every place that holds a candidate. */
export function forEachCandidate(
  { items, k }: CandidateBlock,
  visit: (item: number, place: number, row: number) => void,
): void {
  for (let place = 0; place < items.length; place++)
    if (items[place] >= 0) visit(items[place], place, Math.floor(place / k))
}
