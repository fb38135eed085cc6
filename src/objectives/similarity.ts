/** What vectors are compared by. */
import type { Floats, Kernels } from '../kernels/kernels.ts'
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
      for (const name of names) each[name].back(gradients[name])
    },
  }
}

/** Unit vectors of up to `rows` rows, kept for the way back. */
export function createUnits(kernels: Kernels, rows: number, dimensions: number) {
  const unit = kernels.memory.floats(rows * dimensions)
  const norms = kernels.memory.floats(rows)
  const used = (values: Floats) =>
    [unit.subarray(0, values.length), norms.subarray(0, values.length / dimensions)] as const
  return {
    normalize(values: Floats): Floats {
      const [ownUnit, ownNorms] = used(values)
      kernels.normalizeRows(values, dimensions, ownUnit, ownNorms)
      return ownUnit
    },
    /** In place, from ∂loss/∂(unit vector) to ∂loss/∂(vector). */
    back(gradient: Floats): void {
      const [ownUnit, ownNorms] = used(gradient)
      kernels.normalizeRowsBack(ownUnit, ownNorms, dimensions, gradient)
    },
  }
}
