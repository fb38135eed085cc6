/** A linear filter over graphs of items, as fitted or as stored: sparse weights between items, and an ideal low-pass filter beside them. */
import type { Dataset } from '../../dataset/dataset.ts'
import type { CsrMatrix, Floats, Kernels, PackedItems } from '../../kernels/interface/kernels.ts'
import { type DecayOptions, decayed } from '../decay.ts'
import type { OpenContext, Recommender } from '../recommender.ts'
import { openWeights, weightTensors } from '../rows.ts'
import { recommendByScores } from './baseline.ts'

/** score(u, j) = (Σ_{i ∈ history} leave_i) · arrive_j */
export interface LowPass {
  /** [I × columns] */
  readonly leave: Floats
  readonly arrive: PackedItems
  readonly columns: number
}

export function recommendFiltered(
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
    ...weightTensors(weights),
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

export function openFiltered(context: OpenContext): Recommender {
  const { kernels, options, tensor } = context
  const { memory } = kernels
  const { users, items, columns, decay, halfLife } = options as Record<string, number>
  const lowPass =
    columns === 0
      ? undefined
      : {
          ...{ columns, leave: memory.resident(tensor('leave') as Floats) },
          arrive: { packed: memory.resident(tensor('arrive_panels') as Floats) },
        }
  return recommendFiltered(kernels, { users, items }, openWeights(context), lowPass, { decay, halfLife })
}
