/** How ANS moves the easy factors of negatives, and the way back through it. */
import type { Batch, BatchPosition, Floats } from '../../kernels/interface/kernels.ts'
import { createLinear } from '../../models/linear.ts'
import type { Parameter } from '../../models/model.ts'
import { derive, randomStream } from '../../random.ts'
import type { SamplerContext } from '../sampler.ts'

/** What was made of R rows of negatives, the R shared out evenly over the positives of a batch; good until the next call. */
export interface Augmented {
  /** g, the share of each factor that is hard [R × D] */
  readonly gate: Floats
  /** W_i n + b_i [R × D] and W_u u + b_u [B × D], whose product the gate is the sigmoid of */
  readonly ofItem: Floats
  readonly ofUser: Floats
  /** m, how far each row is moved, between 0 and 1 [R] */
  readonly margin: Floats
  /** x, the inverse of what m is the sigmoid of [R] */
  readonly inverse: Float64Array
  /** Δ [R × D] */
  readonly moved: Floats
}

/** Below it a margin counts as settled: no gradient goes through 1 / x. */
const SETTLED = 1e-6

/**
 * g = σ((W_i n + b_i) ⊙ (W_u u + b_u)); hard parts n ⊙ g and p ⊙ g, easy parts n ⊙ (1 − g) and p ⊙ (1 − g). Then
 * Δ = augmentation · m · sign(p_easy − n_easy) ⊙ r, with r a random vector of length 1 in the positive orthant, one a slot
 * and hop, and m = σ(1 / (w·(n_hard ⊙ p_hard) + b)).
 * @param most rows for each slot
 */
export function createAugmentation(context: SamplerContext, most: number, augmentation: number) {
  const { kernels, tables, batchSize, perPositive, seed } = context
  const { dimensions, hops } = tables
  const { memory } = kernels
  const slots = batchSize * perPositive
  const rows = slots * most
  const square = { inner: dimensions, columns: dimensions, bias: true }
  const [itemLayer, userLayer] = ['item', 'user'].map(name => createLinear(kernels, seed, `factor.${name}`, square))
  const margin = marginParameter(context, seed)
  const noise = memory.floats(slots * hops * dimensions)
  const key = derive(seed, 'augmentation')
  const [gates, items, moved] = [1, 2, 3].map(() => memory.floats(rows * dimensions))
  const users = memory.floats(batchSize * dimensions)
  const margins = memory.floats(rows)
  const inverses = new Float64Array(rows)

  /** Where the random vector of a slot and hop begins. */
  const noiseAt = (slot: number, h: number) => (slot * hops + h) * dimensions

  return {
    itemLayer,
    userLayer,
    margin,
    augmentation,
    noiseAt,
    noise,

    drawNoise({ size }: Batch, at: BatchPosition): void {
      const count = size * perPositive * hops
      kernels.drawUniforms({ key, ...at }, count, dimensions, noise)
      const own = noise.subarray(0, count * dimensions)
      for (let first = 0; first < own.length; first += dimensions) {
        let squares = 0
        for (let at = first; at < first + dimensions; at++) squares += own[at] * own[at]
        const length = Math.sqrt(squares) + 1e-12
        for (let at = first; at < first + dimensions; at++) own[at] /= length
      }
    },

    /** Where `move` expects W_i n + b_i of its R negatives. */
    itemRows: (rows: number) => items.subarray(0, rows * dimensions),

    /** @param negatives [R × D], as many for every slot; `itemRows(R)` comes with W_i n + b_i */
    move(ofUsers: Floats, positives: Floats, negatives: Floats, h: number): Augmented {
      const count = negatives.length / dimensions
      const perUser = negatives.length / ofUsers.length
      const perSlot = perUser / perPositive
      const [gate, ofItem, out] = [gates, items, moved].map(all => all.subarray(0, negatives.length))
      const ofUser = users.subarray(0, ofUsers.length)
      userLayer.forward(ofUsers, ofUser)
      const [ownMargins, inverse] = [margins.subarray(0, count), inverses.subarray(0, count)]
      for (let row = 0; row < count; row++) {
        const other = Math.floor(row / perUser) * dimensions
        for (let d = 0; d < dimensions; d++)
          gate[row * dimensions + d] = ofItem[row * dimensions + d] * ofUser[other + d]
      }
      kernels.sigmoid(gate)
      for (let row = 0; row < count; row++) {
        const first = row * dimensions
        const other = Math.floor(row / perUser) * dimensions
        let x = margin.values[dimensions]
        for (let d = 0; d < dimensions; d++)
          x += margin.values[d] * negatives[first + d] * positives[other + d] * gate[first + d] * gate[first + d]
        inverse[row] = x
        ownMargins[row] = 1 / (Math.abs(x) < SETTLED ? (x < 0 ? -SETTLED : SETTLED) : x)
      }
      kernels.sigmoid(ownMargins)
      for (let row = 0; row < count; row++) {
        const first = row * dimensions
        const other = Math.floor(row / perUser) * dimensions
        const own = noiseAt(Math.floor(row / perSlot), h)
        const length = augmentation * ownMargins[row]
        for (let d = 0; d < dimensions; d++) {
          const easyGap = (positives[other + d] - negatives[first + d]) * (1 - gate[first + d])
          out[first + d] = length * Math.sign(easyGap) * noise[own + d]
        }
      }
      return { gate, ofItem, ofUser, margin: ownMargins, inverse, moved: out }
    },
  }
}

export type Augmentation = ReturnType<typeof createAugmentation>

/** ∂m/∂x of m = σ(1 / x) */
export function marginSlope(margin: number, x: number): number {
  return Math.abs(x) < SETTLED ? 0 : (-margin * (1 - margin)) / (x * x)
}

/** w [D] and b, with as much room behind as makes it a row of the kernels. */
function marginParameter({ kernels, tables: { dimensions } }: SamplerContext, seed: number): Parameter {
  const values = kernels.memory.floats(dimensions + 4)
  const random = randomStream(derive(seed, 'initial', 'margin'))
  for (let at = 0; at <= dimensions; at++) values[at] = (2 * random.uniform() - 1) / Math.sqrt(dimensions)
  return { values, gradient: kernels.memory.floats(values.length) }
}
