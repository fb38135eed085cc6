/** LightGCN: vectors are averaged over L steps of propagation along the interactions. */
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrMatrix, Floats } from '../kernels/interface/kernels.ts'
import { initializeEmbeddings } from './embeddings.ts'
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
  { dimensions, layers, itemGraphWeight, itemGraphNeighbors }: z.output<typeof propagationOptions>,
): ModelFootprint {
  // an edge of the item view is kept in both directions; as a rule one in four is there from either side
  const itemEdges = itemGraphWeight === 0 ? 0 : 1.6 * sizes.items * itemGraphNeighbors
  return graphFootprint(sizes, dimensions, layers, itemEdges)
}

/** @param keepsHops whether the tables of hops are needed after `backward`, which overwrites them otherwise */
export function createPropagation(
  context: EmbeddingContext,
  { dimensions, layers, ...view }: z.output<typeof propagationOptions>,
  keepsHops = false,
): Propagation {
  const { train, kernels, seed, edgeWeights } = context
  const { users, items } = train
  const length = (users + items) * dimensions
  const { memory } = kernels
  const adjacency = normalizedAdjacency(train, kernels, edgeWeights, itemView(train, view, seed, kernels))
  const hop = memory.floats((layers + 1) * length)
  const pooled = memory.floats(length)
  const table = (h: number): Floats => hop.subarray(h * length, (h + 1) * length)
  // gradients are computed when hops 1 … L are no longer needed; the next `forward` overwrites those tables
  const [scratch, gradient, ofAllHops] = [1, 2, 3].map(h =>
    h <= layers && !keepsHops ? table(h) : memory.floats(length),
  )
  const embeddings = { values: table(0), gradient }
  initializeEmbeddings(embeddings.values, users, items, dimensions, context)
  const tables = { users, items, dimensions, hops: layers + 1, hop, pooled }
  const propagated = ({ users: own, items: sums }: Propagated): void => {
    const degrees = weightedDegrees(train, edgeWeights)
    own.set(table(0).subarray(0, own.length))
    sums.fill(0)
    for (let h = 0; h < layers; h++) {
      const ofItems = table(h).subarray(users * dimensions)
      for (let at = 0; at < sums.length; at++) sums[at] += ofItems[at]
    }
    for (let at = 0; at < sums.length; at++) {
      const degree = degrees[users + Math.floor(at / dimensions)]
      sums[at] = degree === 0 ? 0 : sums[at] / Math.sqrt(degree)
    }
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
    propagated,
    /** dE⁰ = Σ_h Â^h G_h by Horner's rule, Â being symmetric: G_0 + Â (G_1 + Â (G_2 + …)). */
    backward(write, pickedHops, touched) {
      if (pickedHops === 1) write(0, ofAllHops)
      // in turns, so that the last product is where the gradient belongs
      const targetAt = (h: number) => (h % 2 === 0 ? gradient : scratch)
      const gradientsAt = (h: number): Floats => {
        if (pickedHops === 1) return ofAllHops
        write(h, targetAt(h))
        return targetAt(h)
      }
      let sum = gradientsAt(layers)
      for (let h = layers - 1; h >= 0; h--) {
        // G_h is zero but for the batch's nodes; only the innermost product is over such a table
        const liveAdd = touched?.marks
        const rows = liveAdd && (h === layers - 1 ? { live: liveAdd, liveAdd } : { liveAdd })
        kernels.spmmLive(adjacency, sum, targetAt(h), dimensions, rows ?? {}, gradientsAt(h))
        sum = targetAt(h)
      }
    },
  }
}
