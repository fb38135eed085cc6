/** Clusters of items, and their codes. */
import type { CsrPattern, Floats } from './types.ts'

export interface TreeKernels {
  /** The nearest of `centroids` [k × D] to each of `points` [n × D], and the squared distance to it; first of equals. */
  assignToCentroids(points: Floats, centroids: Floats, dimensions: number, nearest: Int32Array, distances: Floats): void
  /** Each of `centroids` [k × D] becomes the mean of its points, summed in f64 in their order; one without points stays. */
  moveCentroids(points: Floats, labels: Int32Array, dimensions: number, centroids: Floats): void
  /**
   * out[r × N + n] = the longest prefix that candidate n of row r shares with any item of that user's history.
   * candidates is [users.length × N]; 0 for −1.
   */
  longestSharedPrefix(
    codes: Codes,
    history: CsrPattern,
    users: Int32Array,
    candidates: Int32Array,
    out: Int32Array,
  ): void
}

/** Item codes of one tree and their weight (α_c or α_s). */
export interface CodeView {
  readonly codes: Codes
  readonly weight: number
}

/** The path of each item in a tree: [I × depth] child numbers, padded with −1. */
export interface Codes {
  readonly depth: number
  readonly values: Int8Array
}
