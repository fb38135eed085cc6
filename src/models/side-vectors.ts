/** Side vectors: what an encoder made of items, through a learned projection, beside the vectors that training gives them. */
import type { ItemVectors } from '../dataset/items/vectors.ts'
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import { createLinear } from './linear.ts'
import type { EmbeddingModel } from './model.ts'

/**
 * e_i = v_i + s_i W where the model's vectors begin (its layer 0), with s_i [F] given and fixed, W [F × D] learned, from 0: training starts
 * as it does without them. An item without one is v_i alone. Everything after layer 0 is the model's own, and a finished one holds e_i.
 * Cost of a step: 2 products of O(I F D).
 * @source the linear map from language to behaviour of AlphaRec (Sheng et al., arXiv 2407.05441); differs: items keep vectors of their own
 */
export function withSideVectors(model: EmbeddingModel, given: ItemVectors, kernels: Kernels): EmbeddingModel {
  const { users, items } = model.tables
  const { embeddings } = model.parameters
  const columns = embeddings.values.length / (users + items)
  // the kernels work on four floats at a time
  const inner = 4 * Math.ceil(given.dimensions / 4)
  const { memory } = kernels
  const side = memory.floats(items * inner)
  for (let item = 0; item < items; item++)
    side.set(given.values.subarray(item * given.dimensions, (item + 1) * given.dimensions), item * inner)
  const layer = createLinear(kernels, 0, 'side', { inner, columns, bound: 0 })
  const own = memory.floats(embeddings.values.length)
  own.set(embeddings.values)
  const ofItems = (nodes: Floats) => nodes.subarray(users * columns)
  return {
    ...model,
    direct: false,
    parameters: { ...model.parameters, embeddings: { ...embeddings, values: own }, ...layer.parameters },
    forward(needed, at) {
      embeddings.values.set(own)
      layer.forward(side, ofItems(embeddings.values), true)
      model.forward(needed, at)
    },
    backward(...given) {
      // rows outside of the batch are left over from earlier ones
      if (embeddings.sparse) embeddings.gradient.fill(0)
      model.backward(...given)
    },
    /** The last part of a step: by now the gradient of layer 0 is whole, the L2 term included. */
    contrast(...given) {
      model.contrast?.(...given)
      layer.clear()
      layer.backward(side, ofItems(embeddings.gradient))
    },
  }
}

/** What it adds to the kernels' memory, for vectors of F numbers: s, v, and W with its gradient, moments and turned copy. */
export const sideBytes = ({ users, items }: { users: number; items: number }, dimensions: number, length: number) =>
  4 * (items * length + (users + items) * dimensions + 5 * length * dimensions)
