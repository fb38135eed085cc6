/** SimGCL: LightGCN, with a contrast between two views of each node that differ by noise. */
import type { Floats } from '../kernels/interface/kernels.ts'
import { derive } from '../random.ts'
import { contrastFootprint, createBatchContrast } from './contrast.ts'
import { createPropagation, propagationFootprint, propagationOptions } from './lightgcn.ts'
import { defineEmbeddingModel, type EmbeddingModel } from './model.ts'
import { contrastOptions } from './options.ts'

/**
 * A view propagates once more, adding noise of length ε to every hop, and is the mean of hops 1 … L. Cost of a step: two more
 * passes forward, one back, and O(n² D) for n distinct users and items.
 */
export const simgcl = defineEmbeddingModel({
  name: 'simgcl',
  summary: 'LightGCN with a contrastive loss under noise.',
  source:
    'Yu et al., "Are graph augmentations necessary?", SIGIR 2022, arXiv 2112.08679; ' +
    'differs: what is ranked by keeps the initial vectors in its mean, as LightGCN does',
  options: propagationOptions.extend(contrastOptions.shape),
  footprint: (sizes, options) => contrastFootprint(propagationFootprint(sizes, options), sizes, options.dimensions, 5),
  create(context, { contrastWeight, contrastTemperature, noise, ...options }): EmbeddingModel {
    const { train, kernels, seed } = context
    const { dimensions, layers } = options
    const { memory } = kernels
    const base = createPropagation(context, options)
    const { adjacency, embeddings } = base
    const { users, items } = train
    const table = () => memory.floats((users + items) * dimensions)
    const [first, second, hop, next, gradient] = [table(), table(), table(), table(), table()]
    const contrast = createBatchContrast(context, dimensions, { contrastTemperature, contrastWeight })

    /** One view, into `out`. */
    const view = (out: Floats, name: string, at: { epoch: number; batch: number }) => {
      let [from, to] = [embeddings.values, hop]
      for (let h = 1; h <= layers; h++) {
        kernels.spmm(adjacency, from, to, dimensions)
        kernels.addNoise({ key: derive(seed, 'noise', name, h), ...at }, to, dimensions, noise)
        addScaled(out, to, 1 / layers, h === 1)
        ;[from, to] = [to, to === hop ? next : hop]
      }
    }
    return {
      ...base,
      contrast(batch, at, loss) {
        view(first, 'first', at)
        view(second, 'second', at)
        gradient.fill(0)
        // both views are the same linear function of the initial vectors, so that their gradients go back as one
        const value = contrast(first, second, batch, gradient, gradient)
        for (let at = 0; at < gradient.length; at++) gradient[at] /= layers
        let [sum, target] = [gradient, hop]
        for (let h = layers - 1; h >= 1; h--) {
          kernels.spmm(adjacency, sum, target, dimensions, gradient)
          ;[sum, target] = [target, target === hop ? next : hop]
        }
        kernels.spmm(adjacency, sum, target, dimensions)
        addScaled(embeddings.gradient, target, 1, false)
        for (let b = 0; b < batch.size; b++) loss[b] += value
      },
    }
  },
})

function addScaled(out: Floats, values: Floats, scale: number, overwrite: boolean): void {
  for (let at = 0; at < out.length; at++) out[at] = (overwrite ? 0 : out[at]) + scale * values[at]
}
