/** EASE: the item–item matrix that best rebuilds the interactions, in closed form. */
import { z } from 'zod'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Floats, Kernels } from '../../kernels/interface/kernels.ts'
import { type DecayOptions, decayed, decayObstacle, decayOptions } from '../decay.ts'
import type { DenseWeights, Recommender } from '../model.ts'
import { residentPattern } from '../rows.ts'
import type { OpenContext } from '../stored.ts'
import { defineBaseline, recommendByScores } from './baseline.ts'

/**
 * B = argmin ‖X − X B‖² + λ ‖B‖² with a zero diagonal: P = (XᵀX + λI)⁻¹, B_ij = −P_ij / P_jj. The score of an item is
 * its column of B summed over the history. Weights of interactions do not enter.
 *
 * B stays in kernel memory, I² × 4 bytes, for the memory scope in which `fit` is called: a recommender is good no longer.
 */
export const ease = defineBaseline({
  name: 'ease',
  summary: 'Linear regression of each item on all others, solved exactly: hard to beat on small catalogues.',
  source: 'Steck: "Embarrassingly shallow autoencoders for sparse data", WWW 2019, arXiv 1905.03375',
  options: z.object({
    regularization: z
      .number()
      .positive()
      .max(1e6)
      .default(100)
      .describe('λ, added to the diagonal of XᵀX: larger shrinks the weights, those of rare items most'),
    maxItems: z
      .int()
      .min(1)
      .max(32_000)
      .default(20_000)
      .describe(
        'largest catalogue it is fitted to; memory grows with the square (8,000 items: 256 MB), time with the cube (about 20 s)',
      )
      .meta({ unit: 'items' }),
    ...decayOptions.shape,
  }),
  memory: ({ items }, { maxItems }) => (items <= maxItems ? 4 * items ** 2 + 2048 * items + 2 ** 24 : 0),
  obstacle(train, { maxItems, ...decay }) {
    const { items } = train
    if (items <= maxItems) return decayObstacle('ease', train, decay)
    return (
      `baseline "ease" inverts an items × items matrix: ${((items ** 2 * 4) / 1e9).toFixed(1)} GB for ${items} items, ` +
      `and --ease-max-items is ${maxItems}; raise it (32000 is all that fits), leave out rare items (--k-core), or leave ease out`
    )
  },
  fit({ train, kernels }, { regularization, maxItems: _, ...decay }) {
    const stride = Math.ceil(train.items / 4) * 4
    const values = fitWeights(train, kernels, regularization, stride)
    return recommendDensely(kernels, train, { values, stride }, decay)
  },
})

/** Ranks by the sum of the history's rows of dense weights, in kernel memory; what is long ago counts less where `decay` says so. */
function recommendDensely(
  kernels: Kernels,
  { users, items }: Pick<Dataset, 'users' | 'items'>,
  weights: DenseWeights,
  decay: DecayOptions,
): Recommender {
  const { memory } = kernels
  const { values: table, stride } = weights
  return recommendByScores(
    kernels,
    { users, items },
    (histories, scores) => {
      const { offsets, indices, values = memory.floats(indices.length).fill(1) } = decayed(memory, histories, decay)
      const padded = memory.floats((offsets.length - 1) * stride)
      kernels.spmm({ offsets, indices, values }, table, padded, stride)
      for (let row = 0; row + 1 < offsets.length; row++)
        scores.set(padded.subarray(row * stride, row * stride + items), row * items)
    },
    {
      weights,
      decay,
      store: () => ({
        kind: 'dense',
        options: { users, items, stride, ...decay },
        tensors: { weights: { shape: [items, stride], values: table } },
      }),
    },
  )
}

export function openDense({ kernels, options, tensor }: OpenContext): Recommender {
  const { users, items, stride, decay, halfLife } = options as Record<string, number>
  const values = kernels.memory.resident(tensor('weights') as Floats)
  return recommendDensely(kernels, { users, items }, { values, stride }, { decay, halfLife })
}

/** B [I × stride], zeros in the columns from I on. */
function fitWeights(train: Dataset, kernels: Kernels, regularization: number, stride: number): Floats {
  const { items } = train
  const weights = kernels.memory.floats(items * stride)
  const square = weights.subarray(0, items * items)
  fillGram(train, kernels, regularization, square)
  kernels.invertPositiveDefinite(square, items)
  const diagonal = Float64Array.from({ length: items }, (_, item) => square[item * items + item])
  // rows move apart from the last one on, so that none is overwritten before it moved
  for (let row = items - 1; row >= 0; row--) {
    const own = weights.subarray(row * stride, (row + 1) * stride)
    weights.copyWithin(row * stride, row * items, (row + 1) * items)
    for (let column = 0; column < items; column++) own[column] /= -diagonal[column]
    own[row] = 0
    own.fill(0, items)
  }
  return weights
}

/** XᵀX + λI into [I × I]: the row of an item is the sum of the histories of its users. */
function fillGram({ items, byUser, byItem }: Dataset, kernels: Kernels, regularization: number, out: Floats): void {
  const { memory } = kernels
  memory.scope(() =>
    kernels.sumSparseRows(residentPattern(memory, byItem), residentPattern(memory, byUser), items, out),
  )
  for (let item = 0; item < items; item++) out[item * items + item] += regularization
}
