/** UltraGCN: what infinitely many layers of a graph model would come to, as weights of pairs. */
import { z } from 'zod'
import { affinities } from '../dataset/cooccurrence.ts'
import { degreesOf, sumsOfRows } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import type { CsrMatrix, Floats, Kernels } from '../kernels/interface/kernels.ts'
import { tieRanks } from '../models/ties.ts'
import { integer, number } from '../options.ts'
import { defineVectorObjective } from './objective.ts'

/**
 * loss_b = w_b (ω⁺ ln(1 + e^{−s(u,p)}) + (μ/N) Σ_k ω⁻_k ln(1 + e^{s(u,n_k)}) + λ Σ_{j ∈ S(p)} ω_pj ln(1 + e^{−s(u,j)})), with
 * ω^± = ε + β_ui, β_ui = √((d_u + 1) / (d_i + 1)) / d_u, N of the K picks there, S(p) the items with the largest
 * ω_pj = √(g_p / g_j) G_pj / (g_p − d_p), G_ij = |U_i ∩ U_j| and g its row sums. Cost O((K + |S|) D) a positive.
 */
export const ultragcn = defineVectorObjective({
  name: 'ultragcn',
  summary: 'Weighted cross-entropy on pairs and similar items instead of propagation; use the model mf.',
  source:
    'Mao et al., "UltraGCN: ultra simplification of graph convolutional networks for recommendation", CIKM 2021, arXiv 2110.15114; ' +
    'weights as released for Gowalla, where K is 1,500 and the L2 term is on all vectors: --regularized all',
  options: z.object({
    plainWeight: number(0, 100_000).default(1e-6).describe('ε, weight of each pair beside β'),
    pairNegativeWeight: number(0, 100_000).default(300).describe('μ, weight of the mean over negatives'),
    itemWeight: number(0, 100_000).default(5e-4).describe('λ, weight of the similar items'),
    similarItems: integer(1, 1000, 'items')
      .default(10)
      .describe('|S|, similar items per item, taken for positives; time grows with it'),
  }),
  create(context, { plainWeight, pairNegativeWeight, itemWeight, similarItems }) {
    const { kernels, dimensions, train, batchSize, perPositive, seed } = context
    const { memory } = kernels
    const similar = similarOf(train, kernels, similarItems, seed)
    const [ofUsers, ofItems] = [degreesOf(train.byUser), degreesOf(train.byItem)]
    const pairWeight = (user: number, item: number) =>
      plainWeight + Math.sqrt((ofUsers[user] + 1) / (ofItems[item] + 1)) / Math.max(1, ofUsers[user])
    const most = batchSize * Math.max(similarItems, perPositive)
    const near = memory.floats(batchSize * similarItems)
    const chances = memory.floats(most)
    const derivatives = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }

    /** Adds factor ln(1 + e^{sign · score}) to the losses; the scores become derivatives. */
    const crossEntropy = (
      scores: Floats,
      perRow: number,
      size: number,
      sign: 1 | -1,
      factorOf: (b: number, at: number) => number,
      loss: Floats,
      out: Floats,
    ) => {
      const used = chances.subarray(0, size * perRow)
      for (let at = 0; at < used.length; at++) used[at] = Math.abs(scores[at])
      kernels.sigmoid(used)
      for (let at = 0; at < used.length; at++) {
        const b = Math.floor(at / perRow)
        const factor = factorOf(b, at)
        const x = sign * scores[at]
        loss[b] += factor * (Math.max(0, x) - kernels.log(used[at]))
        out[at] = (factor * sign * (x >= 0 ? used[at] : 1 - used[at])) / size
      }
    }
    return {
      sharedCount: size => size * similarItems,
      share({ size, positives }, _at, out) {
        out.fill(-1)
        for (let b = 0; b < size; b++) {
          const [begin, end] = [similar.offsets[positives[b]], similar.offsets[positives[b] + 1]]
          out.set(similar.indices.subarray(begin, end), b * similarItems)
        }
      },
      differentiate(batch, { items, pickedHops }, shared, vectors, gradients, scores, loss) {
        const { size, users: own, positives, weights } = batch
        const { users } = vectors
        const weightOf = (b: number) => weights?.[b] ?? 1
        const counts = new Int32Array(size)
        for (let slot = 0; slot < size * perPositive; slot++)
          if (items[slot * pickedHops] >= 0) counts[Math.floor(slot / perPositive)]++
        kernels.dotRows(users, vectors.positives, 1, dimensions, scores.positive)
        kernels.dotRows(users, vectors.negatives, perPositive, dimensions, scores.negative)
        kernels.dotRows(users, vectors.shared, similarItems, dimensions, near)
        loss.fill(0)
        const ofPositive = (b: number) => weightOf(b) * pairWeight(own[b], positives[b])
        crossEntropy(scores.positive, 1, size, -1, ofPositive, loss, derivatives.positive)
        const ofNegative = (b: number, slot: number) => {
          const item = items[slot * pickedHops]
          return item < 0 ? 0 : (weightOf(b) * pairNegativeWeight * pairWeight(own[b], item)) / counts[b]
        }
        crossEntropy(scores.negative, perPositive, size, 1, ofNegative, loss, derivatives.negative)
        const ofSimilar = (b: number, at: number) =>
          shared[at] < 0
            ? 0
            : weightOf(b) * itemWeight * similar.values[similar.offsets[positives[b]] + (at % similarItems)]
        crossEntropy(near, similarItems, size, -1, ofSimilar, loss, near)
        gradients.users.fill(0)
        const back = (to: 'positives' | 'negatives' | 'shared', by: Floats, perRow: number) =>
          kernels.dotRowsBack(users, vectors[to], by, perRow, dimensions, gradients.users, gradients[to])
        back('positives', derivatives.positive, 1)
        back('negatives', derivatives.negative, perPositive)
        back('shared', near, similarItems)
      },
    }
  },
})

/** ω: the items with the largest weights of each item, in kernel memory. */
function similarOf(train: Dataset, kernels: Kernels, limit: number, seed: number): CsrMatrix {
  const { items, byItem, users } = train
  const [ofUsers, ofItems] = [degreesOf(train.byUser), degreesOf(byItem)]
  const sums = sumsOfRows(byItem, ofUsers)
  const hold = sums.map(Math.sqrt)
  const ones = (length: number) => new Float64Array(length).fill(1)
  const walk = { kind: 'walk', leave: ones(items), step: ones(users), hold, shrinkage: 0 } as const
  const matrix = affinities(train, kernels, walk, { limit, ranks: tieRanks(items, seed) })
  for (let item = 0; item < items; item++)
    for (let entry = matrix.offsets[item]; entry < matrix.offsets[item + 1]; entry++)
      matrix.values[entry] *= hold[item] / (sums[item] - ofItems[item])
  return matrix
}
