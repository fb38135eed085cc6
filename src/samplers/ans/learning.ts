/** What ANS learns, with its gradients by hand: the split into hard and easy factors, and how far the easy ones move. */
import type { Batch, Floats, Negatives } from '../../kernels/interface/kernels.ts'
import type { createHopVectors } from '../hop-vectors.ts'
import type { SamplerContext, SamplerLearning } from '../sampler.ts'
import { type Augmentation, type Augmented, marginSlope } from './augmentation.ts'

/** Under a root, so that a length of 0 has a gradient. */
const TINY = 1e-12

/**
 * loss_b = w_b γ/H Σ_h [log(1 + Σ_k e^{u·n_easy − u·n_hard}) + 1/K Σ_k (‖n_hard − p_hard‖ + ‖p_easy ⊙ n_easy‖)]. The hard
 * factors are those that make a score; hard parts lie near each other and easy parts apart. The move Δ of what was picked is
 * learnt from the objective.
 */
export function createAnsLearning(
  context: SamplerContext,
  augment: Augmentation,
  vectors: ReturnType<typeof createHopVectors>,
  weight: number,
): SamplerLearning {
  const { kernels, tables, batchSize, perPositive } = context
  const { dimensions, hops } = tables
  const { memory } = kernels
  const slots = batchSize * perPositive
  const { itemLayer, userLayer, margin } = augment
  const table = (rows: number) => memory.floats(rows * dimensions)
  const [picked, toNegatives, hard, shiftRows, byGate] = [1, 2, 3, 4, 5].map(() => table(slots))
  const [toUsers, toPositives, byUserLayer] = [table(batchSize), table(batchSize), table(batchSize)]
  const [hardScores, scores, gap, own] = [slots, slots, slots, batchSize].map(rows => memory.floats(rows))
  const none = memory.floats(batchSize)
  const derivatives = { positive: memory.floats(batchSize), negative: memory.floats(slots) }
  const factor = weight / hops

  const moveRows = (users: Floats, positives: Floats, rows: Floats, h: number): Augmented => {
    itemLayer.forward(rows, augment.itemRows(rows.length / dimensions))
    return augment.move(users, positives, rows, h)
  }

  /** Adds the contrast of easy and hard scores to the loss; leaves the derivative by each gap of a slot in `gap`. */
  const contrast = (batch: Batch, negatives: Negatives, h: number, users: Floats, rows: Floats, loss: Floats) => {
    const count = batch.size * perPositive
    kernels.dotRows(users, hard.subarray(0, rows.length), perPositive, dimensions, hardScores)
    kernels.dotRows(users, rows, perPositive, dimensions, scores)
    for (let slot = 0; slot < count; slot++) gap[slot] = scores[slot] - 2 * hardScores[slot]
    const pairs = { ...negatives, items: negatives.items.subarray(h) }
    kernels.bpr(batch, pairs, { positive: none, negative: gap }, derivatives, own)
    for (let b = 0; b < batch.size; b++) loss[b] += factor * own[b]
  }

  /** One negative in one hop: gradients by its vector, its positive and user and by the gate. */
  const backwardRow = (
    batch: Batch,
    slot: number,
    place: Rows,
    made: Augmented,
    byShift: Floats,
    loss: Floats,
  ): void => {
    const { first, other } = place
    const { users, positives, rows } = place
    const { gate } = made
    const b = Math.floor(slot / perPositive)
    const share = (factor * (batch.weights?.[b] ?? 1)) / perPositive
    let [near, apart] = [TINY, TINY]
    for (let d = 0; d < dimensions; d++) {
      const [g, n, p] = [gate[first + d], rows[first + d], positives[other + d]]
      const [difference, product] = [(n - p) * g, n * p * (1 - g) * (1 - g)]
      near += difference * difference
      apart += product * product
    }
    const [distance, overlap] = [Math.sqrt(near), Math.sqrt(apart)]
    loss[b] += share * (distance + overlap)
    const gapGradient = factor * derivatives.negative[slot]
    const slope = marginSlope(made.margin[slot], made.inverse[slot])
    let byMargin = 0
    const noise = augment.noiseAt(slot, place.h)
    for (let d = 0; d < dimensions; d++) {
      const easyGap = (positives[other + d] - rows[first + d]) * (1 - gate[first + d])
      byMargin += (byShift[first + d] / hops) * augment.augmentation * Math.sign(easyGap) * augment.noise[noise + d]
    }
    const byX = byMargin * slope
    margin.gradient[dimensions] += byX
    const perBatch = share / batch.size
    for (let d = 0; d < dimensions; d++) {
      const [g, n, p, u] = [gate[first + d], rows[first + d], positives[other + d], users[other + d]]
      const w = margin.values[d]
      const rest = 1 - g
      const byDistance = (perBatch * (n - p) * g) / distance
      const byOverlap = (perBatch * n * p * rest * rest * rest) / overlap
      margin.gradient[d] += byX * n * p * g * g
      toNegatives[first + d] =
        gapGradient * u * (1 - 2 * g) + byDistance * g + byOverlap * p * rest + byX * w * p * g * g
      toPositives[other + d] += -byDistance * g + byOverlap * n * rest + byX * w * n * g * g
      toUsers[other + d] += gapGradient * n * (1 - 2 * g)
      byGate[first + d] =
        -2 * gapGradient * u * n + byDistance * (n - p) - 2 * byOverlap * n * p + 2 * byX * w * n * p * g
    }
  }

  /** From gradients by the gate to both layers, and through them to the vectors. */
  const backGate = (place: Omit<Rows, 'first' | 'other'>, made: Augmented): void => {
    const { users, rows } = place
    const toUser = byUserLayer.subarray(0, users.length).fill(0)
    const own = byGate.subarray(0, rows.length)
    const perUser = rows.length / users.length
    for (let at = 0; at < own.length; at++) {
      const bySum = own[at] * made.gate[at] * (1 - made.gate[at])
      const other = Math.floor(Math.floor(at / dimensions) / perUser) * dimensions + (at % dimensions)
      toUser[other] += bySum * made.ofItem[at]
      own[at] = bySum * made.ofUser[other]
    }
    itemLayer.backward(rows, own, toNegatives.subarray(0, rows.length))
    userLayer.backward(users, toUser, toUsers.subarray(0, users.length))
  }

  return {
    parameters: { ...itemLayer.parameters, ...userLayer.parameters, 'factor.margin': margin },

    shift(batch, _at, negatives) {
      const out = shiftRows.subarray(0, batch.size * perPositive * dimensions).fill(0)
      for (let h = 0; h < hops; h++) {
        const { users, positives } = vectors.rows(batch, h)
        const rows = vectors.picked(batch, negatives, h, picked)
        const { moved } = moveRows(users, positives, rows, h)
        for (let at = 0; at < out.length; at++) out[at] += moved[at] / hops
      }
      return out
    },

    differentiate(batch, _at, negatives, gradients, loss) {
      itemLayer.clear()
      userLayer.clear()
      margin.gradient.fill(0)
      for (let h = 0; h < hops; h++) {
        const { users, positives } = vectors.rows(batch, h)
        const rows = vectors.picked(batch, negatives, h, picked)
        const made = moveRows(users, positives, rows, h)
        for (let at = 0; at < rows.length; at++) hard[at] = rows[at] * made.gate[at]
        contrast(batch, negatives, h, users, rows, loss)
        toUsers.fill(0)
        toPositives.fill(0)
        toNegatives.fill(0)
        byGate.fill(0)
        for (let slot = 0; slot < rows.length / dimensions; slot++) {
          if (negatives.items[slot * hops] < 0) continue
          const [first, other] = [slot * dimensions, Math.floor(slot / perPositive) * dimensions]
          backwardRow(batch, slot, { first, other, h, users, positives, rows }, made, gradients.shift, loss)
        }
        backGate({ h, users, positives, rows }, made)
        const own = {
          users: toUsers.subarray(0, users.length),
          positives: toPositives.subarray(0, users.length),
          negatives: toNegatives.subarray(0, rows.length),
        }
        vectors.scatter(batch, negatives, h, own, gradients.hops)
      }
    },
  }
}

/** Where a negative's vector and its positive's begin, and the rows of all of them in hop h. */
interface Rows {
  readonly first: number
  readonly other: number
  readonly h: number
  readonly users: Floats
  readonly positives: Floats
  readonly rows: Floats
}
