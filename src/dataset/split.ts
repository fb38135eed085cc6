/** What the stages before evaluation may know (`train`), and what only evaluation may open. */
import type { Dataset } from './dataset.ts'
import type { Truth } from './truth.ts'

export interface Split {
  readonly train: Dataset
  readonly valid: Truth
  readonly test: Truth
  /** SHA-256 over ids and pairs of the three parts: the same data has the same hash wherever it was read from */
  readonly hash: string
}
