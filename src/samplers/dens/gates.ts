/** The two gates of DENS: which factors of a positive are relevant to its user, and which of a negative to the positive. */
import type { Floats } from '../../kernels/interface/kernels.ts'
import { createLinear } from '../../models/linear.ts'
import type { SamplerContext } from '../sampler.ts'

export function createFactorGates({ kernels, tables: { dimensions }, batchSize, seed }: SamplerContext) {
  const layer = (name: string, bias: boolean) =>
    createLinear(kernels, seed, name, { inner: dimensions, columns: dimensions, bias })
  const fromPositive = layer('gate.positive', true)
  const fromUser = layer('gate.user', false)
  const fromNegative = layer('gate.negative', false)
  const fromRelevant = layer('gate.relevant', true)
  const layers = [fromPositive, fromUser, fromNegative, fromRelevant]
  const allShared = kernels.memory.floats(batchSize * dimensions)

  return {
    parameters: Object.assign({}, ...layers.map(({ parameters }) => parameters)),
    clear() {
      for (const own of layers) own.clear()
    },
    /** out = σ(W_i p + W_u u + b_p), [B × D] */
    ofPositives(users: Floats, positives: Floats, out: Floats): void {
      fromPositive.forward(positives, out)
      fromUser.forward(users, out, true)
      kernels.sigmoid(out)
    },
    /** From ∂loss/∂(W_i p + W_u u + b_p): adds ∂loss/∂u and ∂loss/∂p. */
    backToPositives(users: Floats, positives: Floats, gradient: Floats, toUsers: Floats, toPositives: Floats): void {
      fromPositive.backward(positives, gradient, toPositives)
      fromUser.backward(users, gradient, toUsers)
    },
    /** W_n */
    negativeLayer: fromNegative,
    /**
     * out = σ(W_n n + W_p p^r + b_n), [R × D], the R rows shared out evenly over the rows of `relevant`; `out` comes with
     * W_n n.
     */
    ofNegatives(relevant: Floats, out: Floats): void {
      const shared = allShared.subarray(0, relevant.length)
      fromRelevant.forward(relevant, shared)
      const perRow = out.length / shared.length
      for (let at = 0, row = 0; at < out.length; at += dimensions, row++) {
        const first = Math.floor(row / perRow) * dimensions
        for (let d = 0; d < dimensions; d++) out[at + d] += shared[first + d]
      }
      kernels.sigmoid(out)
    },
    /** @param summed the gradient's rows of each positive, added up [B × D] */
    backToNegatives(
      negatives: Floats,
      gradient: Floats,
      relevant: Floats,
      summed: Floats,
      toNegatives: Floats,
      toRelevant: Floats,
    ): void {
      fromNegative.backward(negatives, gradient, toNegatives)
      fromRelevant.backward(relevant, summed, toRelevant)
    },
  }
}

export type FactorGates = ReturnType<typeof createFactorGates>
