/** What losses over picks and a pool of shared negatives have in common: similarities forward, gradients back. */
import type { Batch, Floats, Negatives, PairValues, SharedPool } from '../kernels/interface/kernels.ts'
import { choice, integer, number } from '../options.ts'
import { createUserDropout } from './dropout.ts'
import type { BatchVectors, VectorContext, VectorObjective } from './objective.ts'
import { createPool, type PoolChoice } from './pool.ts'
import { createCosine, innerProduct } from './similarity.ts'

/** Of every loss over vectors: what they are compared by. */
export const similarityOption = choice(['cosine', 'inner-product']).describe(
  'similarity of vectors in training; ranking is by inner product unless --rank-by says otherwise',
)

/** M, for losses that need no more of the pool than uniform draws. */
export const sharedNegativesOption = integer(0, 65_536, 'items')
  .default(256)
  .describe('uniform draws that a batch shares; beside the K of each positive; time grows with it')

export const temperatureOption = number(0.001, 100)
  .default(0.1)
  .describe('τ, divisor of scores: smaller focuses on the hardest negatives; 1 is usual for inner products')

export interface PooledChoice extends PoolChoice {
  readonly similarity: 'cosine' | 'inner-product'
  /** share of the elements of compared user vectors that a step drops; none when absent */
  readonly userDropout?: number
  /** whether the loss has derivatives of 0 by most scores of the pool */
  readonly sparse?: boolean
}

/** Cosines to uniform draws, as most losses compare. */
export const cosinesTo = (sharedNegatives: number): PooledChoice => ({
  ...{ similarity: 'cosine', inBatch: false, logQ: false, sharedNegatives },
})

/** A loss on similarities; `pool.scores` come in, and go out as derivatives, as in `sharedSoftmax`. */
export type PooledLoss = (
  pool: SharedPool,
  batch: Batch,
  negatives: Negatives,
  scores: PairValues,
  derivatives: PairValues,
  loss: Floats,
) => void

/** Cost O((K + M) D) a positive. */
export function createPooled(context: VectorContext, choice: PooledChoice, lossOf: PooledLoss): VectorObjective {
  const { kernels, dimensions, batchSize, perPositive } = context
  const { memory } = kernels
  const { sharedCount, share, index } = createPool(context, choice)
  const most = sharedCount(batchSize)
  const similarity = choice.similarity === 'cosine' ? createCosine(context, most) : innerProduct
  const dropout = choice.userDropout ? createUserDropout(context, choice.userDropout) : undefined
  const block = memory.floats(batchSize * most)
  const transposed = memory.floats(most * dimensions)
  const derivatives = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }
  return {
    sharedCount,
    share(batch, at, out) {
      share(batch, at, out)
      dropout?.draw(at, batch)
    },
    differentiate(batch, negatives, shared, vectors, gradients, scores, loss) {
      const whole = similarity.compare(vectors)
      const compared = dropout ? { ...whole, users: dropout.apply(whole.users) } : whole
      const { users, positives, negatives: own } = compared
      const [size, width] = [batch.size, shared.length]
      const pool = { ...index(batch, shared), scores: block.subarray(0, size * width) }
      kernels.dotRows(users, positives, 1, dimensions, scores.positive)
      kernels.dotRows(users, own, perPositive, dimensions, scores.negative)
      kernels.transpose(compared.shared, width, dimensions, transposed)
      kernels.multiply(users, transposed, pool.scores, { rows: size, inner: dimensions, columns: width })
      lossOf(pool, batch, negatives, scores, derivatives, loss)

      const { sparse = false } = choice
      const toUsers = { rows: size, inner: width, columns: dimensions, sparse }
      kernels.multiply(pool.scores, compared.shared, gradients.users, toUsers)
      const toShared = { rows: width, inner: size, columns: dimensions, transposed: true, sparse }
      kernels.multiply(pool.scores, users, gradients.shared, toShared)
      backPairs(context, compared, perPositive, derivatives, gradients)
      dropout?.backward(gradients.users)
      similarity.toGradients(gradients)
    },
  }
}

/** From derivatives by the similarities of positives and picks: adds to the gradients of users, overwrites those of the others. */
function backPairs(
  { kernels, dimensions }: VectorContext,
  { users, positives, negatives }: BatchVectors,
  perPositive: number,
  derivatives: PairValues,
  gradients: BatchVectors,
): void {
  const { positive, negative } = derivatives
  kernels.dotRowsBack(users, positives, positive, 1, dimensions, gradients.users, gradients.positives)
  kernels.dotRowsBack(users, negatives, negative, perPositive, dimensions, gradients.users, gradients.negatives)
}

/**
 * Sets to −∞ the scores of the pool that a positive's user may not be shown; returns how many are left of each positive.
 * @param observed whether what the user has, the positive included, may be shown all the same
 */
export function hidePool(
  { scores, items, heads, next, forbidden }: SharedPool,
  { size, users, positives }: Batch,
  observed = false,
): Int32Array {
  const width = items.length
  const empty = [...items.keys()].filter(m => items[m] < 0)
  const shown = new Int32Array(size).fill(width)
  for (let b = 0; b < size; b++) {
    const hide = (place: number) => {
      if (scores[place] === Number.NEGATIVE_INFINITY) return
      scores[place] = Number.NEGATIVE_INFINITY
      shown[b]--
    }
    const hideItem = (item: number) => {
      for (let m = heads[item]; m >= 0; m = next[m]) hide(b * width + m)
    }
    for (const m of empty) hide(b * width + m)
    if (observed) continue
    hideItem(positives[b])
    for (let entry = forbidden.offsets[users[b]]; entry < forbidden.offsets[users[b] + 1]; entry++)
      hideItem(forbidden.indices[entry])
  }
  return shown
}
