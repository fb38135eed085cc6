/** The bipartite graph of users and items that graph models propagate over. */
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrMatrix, Kernels } from '../kernels/interface/kernels.ts'
import type { ModelFootprint } from './model.ts'

/** What a graph has besides the interactions. */
export interface GraphExtras {
  /** [I × I], symmetric, rows ascending, no item beside itself */
  readonly itemEdges?: CsrMatrix | undefined
  /** an edge of weight 1 from every node to itself */
  readonly selfLoops?: boolean
}

/**
 * Â = D^{-1/2} A D^{-1/2} over U + I nodes; both directions of every edge. With self-loops A + I takes the place of A, in
 * the degrees too. With edges between items Â gains them as they are: they count in no degree.
 * @param edgeWeights along `train.byUser.indices`; 1 when absent. Degrees are weighted too.
 * @source LightGCN, arXiv 2002.02126, without self-loops
 */
export function normalizedAdjacency(
  train: Dataset,
  kernels: Kernels,
  edgeWeights?: Float32Array,
  { itemEdges, selfLoops = false }: GraphExtras = {},
): CsrMatrix {
  const { users, items, byUser, byItem } = train
  const { memory } = kernels
  const edges = byUser.indices.length
  const loops = selfLoops ? 1 : 0
  const entries = 2 * edges + loops * (users + items) + (itemEdges?.indices.length ?? 0)
  const offsets = memory.ints(users + items + 1)
  const indices = memory.ints(entries)
  const values = memory.floats(entries)
  const degree = weightedDegrees(train, edgeWeights)
  if (selfLoops) for (let node = 0; node < degree.length; node++) degree[node]++
  for (let user = 0; user < users; user++) offsets[user] = byUser.offsets[user] + loops * user
  for (let item = 0; item <= items; item++)
    offsets[users + item] = edges + byItem.offsets[item] + loops * (users + item) + (itemEdges?.offsets[item] ?? 0)
  const next = offsets.slice(0, users + items)
  const place = (row: number, column: number, value: number) => {
    const entry = next[row]++
    indices[entry] = column
    values[entry] = value
  }
  const placeLoop = (node: number) => place(node, node, 1 / degree[node])
  for (let user = 0; user < users; user++) {
    if (selfLoops) placeLoop(user)
    for (let e = byUser.offsets[user]; e < byUser.offsets[user + 1]; e++) {
      const item = users + byUser.indices[e]
      const weight = edgeWeights?.[e] ?? 1
      // an edge of weight 0 may be all that a node has
      const value = weight === 0 ? 0 : weight / Math.sqrt(degree[user] * degree[item])
      place(user, item, value)
      place(item, user, value)
    }
  }
  for (let item = 0; item < items; item++) {
    let open = selfLoops
    for (let e = itemEdges?.offsets[item] ?? 0; e < (itemEdges?.offsets[item + 1] ?? 0); e++) {
      const other = itemEdges!.indices[e]
      if (open && other > item) {
        placeLoop(users + item)
        open = false
      }
      place(users + item, users + other, itemEdges!.values[e])
    }
    if (open) placeLoop(users + item)
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
