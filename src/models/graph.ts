/** The bipartite graph of users and items that graph models propagate over. */
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrMatrix, Kernels } from '../kernels/interface/kernels.ts'
import type { ModelFootprint } from './model.ts'

/**
 * Â = D^{-1/2} A D^{-1/2} over U + I nodes, without self-loops; both directions of every edge. With edges between items
 * it is [[0, R̂], [R̂ᵀ, V]], V being `itemEdges` as they are: the degrees are those of the interactions alone.
 * @param edgeWeights along `train.byUser.indices`; 1 when absent. Degrees are weighted too.
 * @param itemEdges [I × I], symmetric, rows ascending
 * @source LightGCN, arXiv 2002.02126
 */
export function normalizedAdjacency(
  train: Dataset,
  kernels: Kernels,
  edgeWeights?: Float32Array,
  itemEdges?: CsrMatrix,
): CsrMatrix {
  const { users, items, byUser, byItem } = train
  const { memory } = kernels
  const edges = byUser.indices.length
  const entries = 2 * edges + (itemEdges?.indices.length ?? 0)
  const offsets = memory.ints(users + items + 1)
  const indices = memory.ints(entries)
  const values = memory.floats(entries)
  const degree = weightedDegrees(train, edgeWeights)
  offsets.set(byUser.offsets)
  for (let item = 0; item <= items; item++)
    offsets[users + item] = edges + byItem.offsets[item] + (itemEdges?.offsets[item] ?? 0)
  const next = offsets.slice(users)
  for (let user = 0; user < users; user++) {
    for (let e = byUser.offsets[user]; e < byUser.offsets[user + 1]; e++) {
      const item = byUser.indices[e]
      const weight = edgeWeights?.[e] ?? 1
      // an edge of weight 0 may be all that a node has
      const value = weight === 0 ? 0 : weight / Math.sqrt(degree[user] * degree[users + item])
      const back = next[item]++
      indices[e] = users + item
      values[e] = value
      indices[back] = user
      values[back] = value
    }
  }
  if (itemEdges) {
    for (let item = 0; item < items; item++) {
      for (let e = itemEdges.offsets[item]; e < itemEdges.offsets[item + 1]; e++) {
        const entry = next[item]++
        indices[entry] = users + itemEdges.indices[e]
        values[entry] = itemEdges.values[e]
      }
    }
  }
  return { offsets, indices, values }
}

/** Of all nodes: the sum of the weights of a node's interactions. */
export function weightedDegrees({ users, items, byUser }: Dataset, edgeWeights?: Float32Array): Float64Array {
  const degree = new Float64Array(users + items)
  for (let user = 0; user < users; user++) {
    for (let e = byUser.offsets[user]; e < byUser.offsets[user + 1]; e++) {
      const weight = edgeWeights?.[e] ?? 1
      degree[user] += weight
      degree[users + byUser.indices[e]] += weight
    }
  }
  return degree
}

/**
 * What a graph model of L layers takes: H hops, at least four, since gradients reuse their tables, and the pooled vectors in 4 n D
 * bytes each, and the graph.
 */
export function graphFootprint(
  { users, items, interactions }: Pick<Dataset, 'users' | 'items' | 'interactions'>,
  dimensions: number,
  layers: number,
  itemEdges = 0,
): ModelFootprint {
  const nodes = users + items
  return {
    hops: layers + 1,
    bytes: 4 * nodes * dimensions * (Math.max(layers + 1, 4) + 1) + 8 * (2 * interactions + itemEdges) + 4 * nodes,
  }
}
