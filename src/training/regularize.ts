/** The L2 term of a step, on the vectors of its batch or on all of them. */
import type { Batch, BatchNodes, Floats, Kernels, Negatives } from '../kernels/interface/kernels.ts'
import type { EmbeddingModel } from '../models/model.ts'
import type { TrainingOptions } from './options.ts'

export interface Regularizer {
  /** whether rows without a part in the batch have a gradient, too */
  readonly whole: boolean
  /**
   * Adds λ x to the gradient `out` of each regularised row x of hop 0, or of the model's initial vectors, and λ/2 Σ ‖x‖² to the loss.
   * @param rest what is in `out` at rows that are not of the batch: their gradient, or what earlier batches left
   */
  add(batch: Batch, negatives: Negatives, touched: BatchNodes, out: Floats, loss: Floats, rest: 'kept' | 'stale'): void
}

/**
 * `batch`: the rows of user, positive and negatives, as often as they occur, over B; what an epoch takes off a row grows
 * with how often it is drawn. `all`: each row of the table once in every step, whatever the batch.
 * @source batch: He et al., "LightGCN", arXiv 2002.02126, and its code; all: the code of Mao et al., "SimpleX", arXiv 2109.12613
 */
export function createRegularizer(
  kernels: Kernels,
  { tables, initial }: EmbeddingModel,
  lambda: number,
  regularized: TrainingOptions['regularized'],
): Regularizer {
  if (lambda === 0) return { whole: false, add() {} }
  if (regularized === 'batch')
    return {
      whole: false,
      add: (batch, negatives, touched, out, loss) =>
        kernels.addRegularization(tables, batch, negatives, lambda, touched, out, loss),
    }
  const rows = initial ?? tables.hop.subarray(0, tables.pooled.length)
  const { dimensions } = tables
  const squares = kernels.memory.floats(rows.length / dimensions)
  return {
    whole: true,
    add(batch, _negatives, { marks }, out, loss, rest) {
      kernels.penalizeRows(rows, dimensions, lambda, out, squares, rest === 'kept' ? undefined : marks)
      let total = 0
      for (const square of squares) total += square
      for (let b = 0; b < batch.size; b++) loss[b] += (lambda / 2) * total
    },
  }
}
