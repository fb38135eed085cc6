/** LightGCN: vectors are averaged over L steps of propagation along the interactions. */
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrMatrix, Floats } from '../kernels/interface/kernels.ts'
import { initializeEmbeddings, parameterOver } from './embeddings.ts'
import type { Propagated } from './fold-in.ts'
import { graphFootprint, normalizedAdjacency, weightedDegrees } from './graph.ts'
import { itemView, itemViewOptions } from './item-view.ts'
import {
  defineEmbeddingModel,
  type EmbeddingContext,
  type EmbeddingModel,
  type ModelFootprint,
  type Parameter,
} from './model.ts'
import { dimensionsOption, layersOption } from './options.ts'

/** Options of every model that propagates as LightGCN does. */
export const propagationOptions = z.object({
  dimensions: dimensionsOption,
  layers: layersOption,
  selfLoops: z
    .boolean()
    .default(false)
    .describe('adds an edge from every node to itself: each step keeps a part of what was there'),
  ...itemViewOptions.shape,
})

/** LightGCN, and what models that build on it need of it. */
export interface Propagation extends EmbeddingModel {
  readonly adjacency: CsrMatrix
  /** the initial vectors, hop 0 */
  readonly embeddings: Parameter
}

export const lightgcn = defineEmbeddingModel({
  name: 'lightgcn',
  summary: 'Graph convolution without weights: means over L-step neighbourhoods.',
  source: 'He et al., "LightGCN", arXiv 2002.02126; differs: --item-graph-weight adds edges between items',
  options: propagationOptions,
  footprint: propagationFootprint,
  create: createPropagation,
})

export function propagationFootprint(
  sizes: Pick<Dataset, 'users' | 'items' | 'interactions'>,
  { dimensions, layers, selfLoops, itemGraphWeight, itemGraphNeighbors }: z.output<typeof propagationOptions>,
): ModelFootprint {
  // an edge of the item view is kept in both directions; as a rule one in four is there from either side
  const itemEdges = itemGraphWeight === 0 ? 0 : 1.6 * sizes.items * itemGraphNeighbors
  return graphFootprint(sizes, dimensions, layers, itemEdges + (selfLoops ? sizes.users + sizes.items : 0))
}

export function createPropagation(
  { train, kernels, seed, edgeWeights }: EmbeddingContext,
  { dimensions, layers, selfLoops, ...view }: z.output<typeof propagationOptions>,
): Propagation {
  const { users, items } = train
  const length = (users + items) * dimensions
  const { memory } = kernels
  const adjacency = normalizedAdjacency(train, kernels, edgeWeights, {
    itemEdges: itemView(train, view, seed, kernels),
    selfLoops,
  })
  const hop = memory.floats((layers + 1) * length)
  const pooled = memory.floats(length)
  const table = (h: number): Floats => hop.subarray(h * length, (h + 1) * length)
  const embeddings = parameterOver(table(0), kernels)
  initializeEmbeddings(embeddings.values, users, items, dimensions, seed)
  const tables = { users, items, dimensions, hops: layers + 1, hop, pooled }
  const scratch = memory.floats(length)
  const propagated = (): Propagated => {
    const degrees = weightedDegrees(train, edgeWeights)
    const sums = new Float32Array(items * dimensions)
    for (let h = 0; h < layers; h++) {
      const own = table(h).subarray(users * dimensions)
      for (let at = 0; at < sums.length; at++) sums[at] += own[at]
    }
    for (let at = 0; at < sums.length; at++) {
      const degree = degrees[users + Math.floor(at / dimensions)]
      sums[at] = degree === 0 ? 0 : sums[at] / Math.sqrt(degree)
    }
    return { users: Float32Array.from(table(0).subarray(0, users * dimensions)), items: sums, hops: layers + 1 }
  }
  return {
    adjacency,
    embeddings,
    parameters: { embeddings },
    tables,
    forward(needed) {
      for (let h = 1; h < layers; h++) kernels.spmm(adjacency, table(h - 1), table(h), dimensions)
      kernels.lastHop(adjacency, tables, needed)
    },
    // with self-loops a user's vector is no sum over the history
    ...(!selfLoops && { propagated }),
    /** dE⁰ = Σ_h Â^h G_h by Horner's rule, Â being symmetric: G_0 + Â (G_1 + Â (G_2 + …)). */
    backward(hopGradients, pickedHops, touched) {
      const gradientAt = (h: number) => {
        const own = pickedHops === 1 ? 0 : h
        return hopGradients.subarray(own * length, (own + 1) * length)
      }
      let sum = gradientAt(layers)
      for (let h = layers - 1; h >= 0; h--) {
        // in turns, so that the last product is where the gradient belongs
        const target = h % 2 === 0 ? embeddings.gradient : scratch
        // G_h is zero but for the batch's nodes; only the innermost product is over such a table
        const liveAdd = touched?.marks
        const rows = liveAdd && (h === layers - 1 ? { live: liveAdd, liveAdd } : { liveAdd })
        kernels.spmmLive(adjacency, sum, target, dimensions, rows ?? {}, gradientAt(h))
        sum = target
      }
    },
  }
}
