/** EASE: the item–item matrix that best rebuilds the interactions, in closed form. */
import { z } from 'zod'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Floats, Kernels } from '../../kernels/interface/kernels.ts'
import { invertSparse } from '../../kernels/sparse-inverse.ts'
import { type DecayOptions, decayed, decayOptions } from '../decay.ts'
import type { FitContext, LongFit } from '../model.ts'
import type { DenseWeights, OpenContext, Recommender } from '../recommender.ts'
import { residentPattern } from '../rows.ts'
import { defineBaseline, recommendByScores } from './baseline.ts'
import { type EaseOptions, fitEaseInSteps, strideOf, stripBytes, sumWeightRows } from './ease-strips.ts'

/** The largest catalogue whose matrix lies in kernel memory, 1.6 GB of it: it can be written down, and answers at once. */
const IN_ONE_PIECE = 20_000

/**
 * B = argmin ‖X − X B‖² + λ ‖B‖² with a zero diagonal: P = (XᵀX + λI)⁻¹, B_ij = −P_ij / P_jj. The score of an item is
 * its column of B summed over the history. Weights of interactions do not enter.
 *
 * B stays in memory, I² × 4 bytes, up to 20,000 items in that of the kernels: a recommender is good no longer than the scope in
 * which `fit` is called.
 */
export const ease = defineBaseline({
  name: 'ease',
  summary: 'Linear regression of each item on all others, solved exactly; strong on small catalogues.',
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
      .max(60_000)
      .default(20_000)
      .describe(
        'largest catalogue it fits; memory grows with the square (8,000 items: 256 MB, 60,000: 15.2 GB), time with the cube (about 15 s; 90 minutes)',
      )
      .meta({ unit: 'items' }),
    ...decayOptions.shape,
  }),
  footprint({ items }, { maxItems }) {
    if (items > maxItems) return 0
    return items <= IN_ONE_PIECE ? 4 * items ** 2 + 9216 * items + 2 ** 24 : stripBytes(items)
  },
  heapFootprint: ({ items }, { maxItems }) => (items <= maxItems && items > IN_ONE_PIECE ? 4 * items ** 2 : 0),
  unsupportedReason({ items }, { maxItems }) {
    if (items <= maxItems) return
    return (
      `baseline "ease" inverts an items × items matrix: ${((items ** 2 * 4) / 1e9).toFixed(1)} GB for ${items} items, ` +
      `and --ease-max-items is ${maxItems}; raise it (60000 at most), leave out rare items (--k-core), or leave ease out`
    )
  },
  fit(context, options) {
    const { train, kernels } = context
    const { regularization, maxItems: _, ...decay } = options
    const long = longFit(context, options)
    if (long) {
      while (long.done < long.steps) long.step()
      return long.recommender()
    }
    const stride = strideOf(train.items)
    const values = fitWeights(train, kernels, regularization, stride)
    return recommendDensely(kernels, train, { values, stride }, decay)
  },
  longFit,
})

function longFit(context: FitContext, options: EaseOptions): LongFit | undefined {
  return context.train.items > IN_ONE_PIECE ? fitEaseInSteps(context, options) : undefined
}

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
    (histories, scores) => sumWeightRows(kernels, decayed(memory, histories, decay), table, items, scores),
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
  fillGram(train, kernels, regularization, weights, stride)
  invertSparse(kernels, weights, items, stride)
  const diagonal = Float64Array.from({ length: items }, (_, item) => -weights[item * stride + item])
  for (let row = 0; row < items; row++) {
    const own = weights.subarray(row * stride, row * stride + items)
    for (let column = 0; column < items; column++) own[column] /= diagonal[column]
    own[row] = 0
  }
  return weights
}

/** XᵀX + λI into [I × stride]: the row of an item is the sum of the histories of its users. */
function fillGram(
  { items, byUser, byItem }: Dataset,
  kernels: Kernels,
  regularization: number,
  out: Floats,
  stride: number,
): void {
  const { memory } = kernels
  memory.scope(() =>
    kernels.sumSparseRows(residentPattern(memory, byItem), residentPattern(memory, byUser), stride, out),
  )
  for (let item = 0; item < items; item++) out[item * stride + item] += regularization
}
