/** GF-CF: co-interactions of items as one graph filter, and an ideal low-pass filter beside it. */
import { z } from 'zod'
import { affinities } from '../../dataset/cooccurrence.ts'
import { type Dataset, degreesOf } from '../../dataset/dataset.ts'
import type { CsrMatrix, Floats, Kernels, PackedItems } from '../../kernels/interface/kernels.ts'
import { derive } from '../../random.ts'
import { singularVectors } from '../../trees/singular.ts'
import { type DecayOptions, decayed, decayObstacle, decayOptions } from '../decay.ts'
import type { Recommender } from '../model.ts'
import { packVectors } from '../rows.ts'
import type { OpenContext } from '../stored.ts'
import { defineBaseline, recommendByScores } from './baseline.ts'
import { neighborBytes } from './item-knn.ts'
import { walk } from './rp3beta.ts'

/**
 * score(u, ·) = r_u (P̃ + α D_I^{−1/2} V Vᵀ D_I^{1/2}), P̃ = R̃ᵀR̃, R̃ = D_U^{−1/2} R D_I^{−1/2}, V the right singular vectors of R̃ of the largest
 * singular values. The diagonal of P̃, which scores nothing but what is in the history, is left out. Cost of a fit: that of all pairs of items in a
 * history, and fourteen sparse products with 1.25 |V| columns; of a ranking I |V| more per user.
 */
export const gfCf = defineBaseline({
  name: 'gf-cf',
  summary: 'A linear graph filter over co-interactions, and an ideal low-pass filter beside it.',
  source:
    'Shen et al., "How powerful is graph convolution for recommendation?", CIKM 2021, arXiv 2108.07567; α and |V| as released; ' +
    'differs: singular vectors by subspace iteration, the last of them approximate',
  options: z.object({
    lowPassWeight: z
      .number()
      .min(0)
      .max(100)
      .default(0.3)
      .describe('α, weight of the ideal low-pass filter; 0 leaves it out, and the fit is over in seconds'),
    vectors: z
      .int()
      .min(1)
      .max(1024)
      .default(256)
      .describe('singular vectors that the low-pass filter keeps; time grows with its square')
      .meta({ unit: 'vectors' }),
    ...decayOptions.shape,
  }),
  stochastic: true,
  memory: (sizes, { vectors }) => neighborBytes(sizes, { neighbors: 0 }) + 8 * sizes.items * vectors,
  obstacle: (train, options) => decayObstacle('gf-cf', train, options),
  fit({ train, kernels, seed }, { lowPassWeight, vectors, ...decay }) {
    const weights = affinities(train, kernels, walk(train, { alpha: 0.5, beta: 0.5, gamma: 1, shrinkage: 0 }))
    const lowPass = lowPassWeight > 0 ? lowPassOf(train, kernels, seed, lowPassWeight, vectors) : undefined
    return recommendFiltered(kernels, train, weights, lowPass, decay)
  },
})

/** score(u, j) = (Σ_{i ∈ history} leave_i) · arrive_j */
interface LowPass {
  /** [I × columns] */
  readonly leave: Floats
  readonly arrive: PackedItems
  readonly columns: number
}

function lowPassOf(train: Dataset, kernels: Kernels, seed: number, weight: number, count: number): LowPass {
  const { vectors: leave, columns } = singularVectors(train, count, kernels, derive(seed, 'gf-cf'))
  const { memory } = kernels
  const degrees = degreesOf(train.byItem)
  const other = leave.slice()
  for (let item = 0; item < train.items; item++) {
    const root = Math.sqrt(degrees[item])
    for (let at = item * columns; at < (item + 1) * columns; at++) {
      leave[at] = root === 0 ? 0 : leave[at] / root
      other[at] *= weight * root
    }
  }
  return { leave: memory.resident(leave), arrive: packVectors(kernels, other, columns), columns }
}

function recommendFiltered(
  kernels: Kernels,
  { users, items }: Pick<Dataset, 'users' | 'items'>,
  weights: CsrMatrix,
  lowPass: LowPass | undefined,
  decay: DecayOptions,
): Recommender {
  const { memory } = kernels
  const score = (given: Parameters<typeof decayed>[1], scores: Floats) => {
    const histories = decayed(memory, given, decay)
    kernels.sumSparseRows(histories, weights, items, scores)
    if (!lowPass) return
    const { offsets, indices, values = memory.floats(indices.length).fill(1) } = histories
    const { leave, arrive, columns } = lowPass
    const passed = memory.floats((offsets.length - 1) * columns)
    const more = memory.floats(scores.length)
    kernels.spmm({ offsets, indices, values }, leave, passed, columns)
    kernels.scoreByVectors(passed, arrive, columns, more)
    for (let at = 0; at < scores.length; at++) scores[at] += more[at]
  }
  const tensors = {
    weight_offsets: { shape: [items + 1], values: weights.offsets },
    weight_items: { shape: [weights.indices.length], values: weights.indices },
    weights: { shape: [weights.values.length], values: weights.values },
    ...(lowPass && {
      leave: { shape: [items, lowPass.columns], values: lowPass.leave },
      arrive_panels: { shape: [Math.ceil(items / 8), lowPass.columns, 8], values: lowPass.arrive.packed },
    }),
  }
  return recommendByScores(kernels, { users, items }, score, {
    decay,
    store: () => ({
      kind: 'graph-filter',
      options: { users, items, columns: lowPass?.columns ?? 0, ...decay },
      tensors,
    }),
  })
}

export function openFiltered({ kernels, options, tensor }: OpenContext): Recommender {
  const { memory } = kernels
  const { users, items, columns, decay, halfLife } = options as Record<string, number>
  const weights = {
    offsets: memory.resident(tensor('weight_offsets') as Int32Array),
    indices: memory.resident(tensor('weight_items') as Int32Array),
    values: memory.resident(tensor('weights') as Floats),
  }
  const lowPass =
    columns === 0
      ? undefined
      : {
          ...{ columns, leave: memory.resident(tensor('leave') as Floats) },
          arrive: { packed: memory.resident(tensor('arrive_panels') as Floats) },
        }
  return recommendFiltered(kernels, { users, items }, weights, lowPass, { decay, halfLife })
}
