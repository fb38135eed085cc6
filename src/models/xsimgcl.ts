/** XSimGCL: one noisy pass serves ranking and contrast, which is between the final vectors and one hop. */
import { UsageError } from '../errors.ts'
import { integer } from '../options.ts'
import { derive } from '../random.ts'
import { contrastFootprint, createBatchContrast } from './contrast.ts'
import { createPropagation, propagationFootprint, propagationOptions } from './lightgcn.ts'
import { defineEmbeddingModel, type EmbeddingModel } from './model.ts'
import { contrastOptions } from './options.ts'

/** Cost of a step: one more pass back than LightGCN, and O(n² D) for n distinct users and items. */
export const xsimgcl = defineEmbeddingModel({
  name: 'xsimgcl',
  summary: 'SimGCL in one pass: final vectors contrasted with one hop.',
  source:
    'Yu et al., "XSimGCL", TKDE 2023, arXiv 2209.02544; ' +
    'differs: the final vectors keep the initial ones in their mean, as those of LightGCN do',
  options: propagationOptions.extend(contrastOptions.shape).extend({
    contrastHop: integer(1, 8).default(1).describe('l*, hop that final vectors are contrasted with; at most L'),
  }),
  footprint: (sizes, options) => contrastFootprint(propagationFootprint(sizes, options), sizes, options.dimensions, 7),
  create(context, { contrastWeight, contrastTemperature, noise, contrastHop, ...options }): EmbeddingModel {
    const { train, kernels, seed } = context
    const { dimensions, layers } = options
    if (contrastHop > layers)
      throw new UsageError(
        `model "xsimgcl": --contrast-hop: there is no hop ${contrastHop} in ${layers} layers: give 1 to ${layers}, or more layers`,
      )
    const { memory } = kernels
    const base = createPropagation(context, options, true)
    const { adjacency, embeddings, tables } = base
    const { users, items } = train
    const length = (users + items) * dimensions
    const table = () => memory.floats(length)
    const [byFinal, byHop, one, other] = [table(), table(), table(), table()]
    const hopTable = (h: number) => tables.hop.subarray(h * length, (h + 1) * length)
    const contrast = createBatchContrast(context, dimensions, { contrastTemperature, contrastWeight })
    return {
      ...base,
      forward(needed, at) {
        if (!at) return base.forward(needed)
        for (let h = 1; h <= layers; h++) {
          kernels.spmm(adjacency, hopTable(h - 1), hopTable(h), dimensions)
          kernels.addNoise({ key: derive(seed, 'noise', h), ...at }, hopTable(h), dimensions, noise)
        }
        kernels.poolHops(tables)
      },
      contrast(batch, _at, loss) {
        byFinal.fill(0)
        byHop.fill(0)
        const value = contrast(tables.pooled, hopTable(contrastHop), batch, byFinal, byHop)
        // G_h = byFinal / H, and byHop more at the chosen hop; Horner's rule as in LightGCN
        for (let i = 0; i < length; i++) byFinal[i] /= tables.hops
        for (let i = 0; i < length; i++) byHop[i] += byFinal[i]
        const gradientAt = (h: number) => (h === contrastHop ? byHop : byFinal)
        let sum = gradientAt(layers)
        for (let h = layers - 1; h >= 0; h--) {
          const target = sum === one ? other : one
          kernels.spmm(adjacency, sum, target, dimensions, gradientAt(h))
          sum = target
        }
        for (let i = 0; i < length; i++) embeddings.gradient[i] += sum[i]
        for (let b = 0; b < batch.size; b++) loss[b] += value
      },
    }
  },
})
