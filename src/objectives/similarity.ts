/** What vectors are compared by. */
import { createUnits } from '../kernels/units.ts'
import type { BatchVectors, VectorContext } from './objective.ts'

export interface Similarity {
  /** Vectors whose inner products are the similarities; good until the next call. */
  compare(vectors: BatchVectors): BatchVectors
  /** In place: from gradients by what `compare` gave to gradients by what it was given. */
  toGradients(gradients: BatchVectors): void
}

export const innerProduct: Similarity = { compare: vectors => vectors, toGradients() {} }

/** @param most of the vectors that a batch shares */
export function createCosine(context: Omit<VectorContext, 'forbidden'>, most: number): Similarity {
  const { kernels, dimensions, batchSize, perPositive } = context
  const rows = { users: batchSize, positives: batchSize, negatives: batchSize * perPositive, shared: most }
  const names = Object.keys(rows) as (keyof BatchVectors)[]
  const each = Object.fromEntries(names.map(name => [name, createUnits(kernels, rows[name], dimensions)]))
  return {
    compare: vectors =>
      Object.fromEntries(names.map(name => [name, each[name].normalize(vectors[name])])) as unknown as BatchVectors,
    toGradients(gradients) {
      for (const name of names) each[name].backward(gradients[name])
    },
  }
}
