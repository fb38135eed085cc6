/** The structural view of the items: who is bought with whom, as the leading eigenvectors of the co-interaction graph. */
import { affinities } from '../dataset/cooccurrence.ts'
import { degreesOf } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { placesWhere } from '../places.ts'
import type { Key } from '../random.ts'
import { type Eigenpairs, largestEigenpairs } from './eigen.ts'

export interface StructuralView {
  /** [I × D], row-major */
  readonly vectors: Float32Array
  /** D: eigenvectors, fewer when the catalogue is small */
  readonly dimensions: number
  /** items that share no user with another, ascending: their vectors say nothing */
  readonly orphans: Int32Array
  readonly eigen: Omit<Eigenpairs, 'vectors'>
}

/**
 * W = D^{-1/2} J D^{-1/2}, J the Jaccard similarity of the items' users; the eigenvectors of the largest eigenvalues
 * after the first. In a graph of several components eigenvalue 1 comes as often: still one vector alone is dropped.
 * @source DTL-NS, arXiv 2602.18249 (eigenvectors of I − W with the smallest eigenvalues, which are the same)
 */
export async function structuralView(request: {
  train: Dataset
  eigenvectors: number
  kernels: Kernels
  key: Key
  signal?: AbortSignal | undefined
  progress?: ((found: number, wanted: number) => void) | undefined
}): Promise<StructuralView> {
  const { train, eigenvectors, kernels, key, signal, progress } = request
  return kernels.memory.scope(async () => {
    const matrix = affinities(train, kernels, { kind: 'jaccard' })
    kernels.normalizeSymmetrically(matrix)
    const degrees = degreesOf(matrix)
    const orphans = placesWhere(degrees.length, row => degrees[row] === 0)
    const pairs = await largestEigenpairs({ matrix, count: eigenvectors + 1, kernels, key, signal, progress })
    const kept = pairs.vectors.slice(1)
    const vectors = new Float32Array(train.items * kept.length)
    kept.forEach((vector, c) => {
      for (let item = 0; item < train.items; item++) vectors[item * kept.length + c] = vector[item]
    })
    const { values, residual, products } = pairs
    return { vectors, dimensions: kept.length, orphans, eigen: { values, residual, products } }
  })
}
