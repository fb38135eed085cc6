/** Random numbers, drawn items, and the scores by which negatives are picked. */
import type { Key } from '../../random.ts'
import type { CodeView } from './trees.ts'
import type { Batch, CsrPattern, Floats, Tables } from './types.ts'

/** Where in the stream of random numbers a batch stands. */
/** Which batch of which epoch. */
export interface BatchPosition {
  readonly epoch: number
  readonly batch: number
}

export interface DrawPosition extends BatchPosition {
  readonly key: Key
}

export interface SamplingKernels {
  /** Shuffles in place (Fisher–Yates under philox, as `random.ts` does). */
  shuffle(values: Int32Array, key: Key): void
  /** out[sample × perSample + j], uniform over [0, 1). */
  drawUniforms(at: DrawPosition, samples: number, perSample: number, out: Floats): void
  /** In place: x [· × columns] += ε · sign(x) · u / |u|, u ~ U(0, 1)^columns for each row; zeros stay zeros. */
  addNoise(at: DrawPosition, x: Floats, columns: number, epsilon: number): void
  /**
   * `draws` items for each of `users`, uniform over the items that `forbidden` (user → items) does not hold; exact, one
   * random number a draw. −1 where no item is left. out is [users.length × draws].
   * @returns the number of users with no item left
   */
  drawItems(
    at: DrawPosition,
    users: Int32Array,
    forbidden: CsrPattern,
    items: number,
    draws: number,
    out: Int32Array,
  ): number
  /**
   * out[(s × hops + h) × N + n] = ū · (vector of candidate n in hop h), for `hops` = H; for `hops` = 1 the pooled
   * vector. candidates is [S × N]; 0 where a candidate is −1.
   */
  scoreCandidates(
    tables: Tables,
    batch: Batch,
    candidates: Int32Array,
    perSlot: number,
    hops: number,
    out: Floats,
  ): void
  /** In place: score ← β ū·p_h + (1 − β) score; scores is [S × H × N], mix [S × H]. */
  mixScores(tables: Tables, batch: Batch, mix: Floats, perSlot: number, scores: Floats): void
  /**
   * In place, for each of the `hops` rows of a slot: min–max over its N scores (ε = 1e-8 in the denominator), then plus
   * Σ_view weight · sim(positive, candidate), see `docs/guide/method.md`, "dual-tree".
   */
  addCodeSimilarity(
    views: readonly CodeView[],
    batch: Batch,
    candidates: Int32Array,
    perSlot: number,
    hops: number,
    scores: Floats,
  ): void
  /** out[s × hops + h] = the candidate with the largest score, the first of equals. */
  pickLargest(
    candidates: Int32Array,
    scores: Floats,
    slots: number,
    hops: number,
    perSlot: number,
    out: Int32Array,
  ): void
}
