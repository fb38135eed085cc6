/**
 * A recommender as arrays and a few numbers, so that it can be written down and opened elsewhere, over arrays where they lie:
 * nothing is fitted or copied again.
 */
import type { Tensor } from './safetensors.ts'

export interface StoredRecommender {
  /** which opener can read it */
  readonly kind: string
  readonly options: Readonly<Record<string, number | string>>
  readonly tensors: Readonly<Record<string, Tensor>>
  /** what it is put together from, by role */
  readonly parts?: Readonly<Record<string, StoredRecommender>>
}
