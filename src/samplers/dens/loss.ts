/** What the gates of DENS learn from, with its gradients by hand. */
import type { Batch, Floats, Negatives } from '../../kernels/interface/kernels.ts'
import type { createHopVectors } from '../hop-vectors.ts'
import type { SamplerContext, SamplerLearning } from '../sampler.ts'
import type { FactorGates } from './gates.ts'

/**
 * γ/4 · [log(1 + e^{s(p^ir) − s(p^r)}) + log(1 + Σ_k e^{s(n^r) − s(n^ir)}) + log(1 + Σ_k e^{s(n^r) − s(p^r)})
 * + log(1 + Σ_k e^{s(p^ir) − s(n^ir)})], with s(x) = ū · the mean of x over the hops, p^ir = p − p^r and n^ir = n − n^r. Each
 * term is the loss of `bpr` over other pairs, whose kernel is used.
 */
export function createDensLoss(
  context: SamplerContext,
  gates: FactorGates,
  vectors: ReturnType<typeof createHopVectors>,
  weight: number,
): SamplerLearning['differentiate'] {
  const { kernels, tables, batchSize, perPositive } = context
  const { dimensions, hops } = tables
  const { memory } = kernels
  const pairs = createPairLosses(context, weight)
  const table = (rows: number) => memory.floats(rows * dimensions)
  const slots = batchSize * perPositive
  const each = (rows: number) => Array.from({ length: hops }, () => table(rows))
  const [gateOfPositives, gateOfNegatives, relevantOf] = [each(batchSize), each(slots), each(batchSize)]
  const [pooled, byUser, sumZ, toUsers] = [1, 2, 3, 4].map(() => table(batchSize))
  const means = { positives: table(batchSize), relevant: table(batchSize), negatives: table(slots), relevantNegatives: table(slots) } // biome-ignore format: one line
  const by = { positives: table(batchSize), relevant: table(batchSize), negatives: table(slots), relevantNegatives: table(slots) } // biome-ignore format: one line
  const picked = table(slots)
  const [toRelevant, toPositives, z] = [table(batchSize), table(batchSize), table(slots)]
  const toNegatives = table(slots)

  /** Gates and relevant parts of each hop, and what is scored: the means over the hops. */
  const forward = (batch: Batch, negatives: Negatives): void => {
    for (const mean of Object.values(means)) mean.fill(0)
    for (let h = 0; h < hops; h++) {
      const { users, positives } = vectors.rows(batch, h)
      const own = vectors.picked(batch, negatives, h, picked)
      const gate = gateOfPositives[h].subarray(0, positives.length)
      const relevant = relevantOf[h].subarray(0, positives.length)
      gates.ofPositives(users, positives, gate)
      for (let at = 0; at < relevant.length; at++) relevant[at] = positives[at] * gate[at]
      const gateN = gateOfNegatives[h].subarray(0, own.length)
      gates.negativeLayer.forward(own, gateN)
      gates.ofNegatives(relevant, gateN)
      for (let at = 0; at < positives.length; at++) {
        means.positives[at] += positives[at] / hops
        means.relevant[at] += relevant[at] / hops
      }
      for (let at = 0; at < own.length; at++) {
        means.negatives[at] += own[at] / hops
        means.relevantNegatives[at] += (own[at] * gateN[at]) / hops
      }
    }
  }

  /** From gradients by the means to those of one hop, through both gates. */
  const backward = (batch: Batch, negatives: Negatives, h: number, hopGradients: Floats): void => {
    const { users, positives } = vectors.rows(batch, h)
    const own = vectors.picked(batch, negatives, h, picked)
    const [rows, picks] = [positives.length, own.length]
    const part = (all: Floats, count: number) => all.subarray(0, count)
    const gateN = gateOfNegatives[h]
    const sums = part(sumZ, rows).fill(0)
    for (let at = 0; at < picks; at++) {
      const byRelevant = by.relevantNegatives[at] / hops
      z[at] = byRelevant * own[at] * gateN[at] * (1 - gateN[at])
      toNegatives[at] = by.negatives[at] / hops + byRelevant * gateN[at]
      const slot = Math.floor(at / dimensions)
      sums[Math.floor(slot / perPositive) * dimensions + (at % dimensions)] += z[at]
    }
    for (let at = 0; at < rows; at++) toRelevant[at] = by.relevant[at] / hops
    gates.backToNegatives(own, part(z, picks), part(relevantOf[h], rows), sums, part(toNegatives, picks), part(toRelevant, rows)) // biome-ignore format: one call
    const gate = gateOfPositives[h]
    for (let at = 0; at < rows; at++) {
      // the sums have done their service
      sums[at] = toRelevant[at] * positives[at] * gate[at] * (1 - gate[at])
      toPositives[at] = by.positives[at] / hops + toRelevant[at] * gate[at]
      toUsers[at] = byUser[at] / hops
    }
    gates.backToPositives(users, positives, sums, part(toUsers, rows), part(toPositives, rows))
    const gradients = { users: part(toUsers, rows), positives: part(toPositives, rows), negatives: part(toNegatives, picks) } // biome-ignore format: one line
    vectors.scatter(batch, negatives, h, gradients, hopGradients)
  }

  return (batch, _at, negatives, gradients, loss) => {
    gates.clear()
    forward(batch, negatives)
    const users = vectors.pooledUsers(batch, pooled)
    pairs.differentiate(batch, negatives, users, means, by, byUser, loss)
    for (let h = 0; h < hops; h++) backward(batch, negatives, h, gradients.hops)
  }
}

/** A row for each positive or slot, [B × D] and [S × D]. */
interface Parts {
  readonly positives: Floats
  readonly relevant: Floats
  readonly negatives: Floats
  readonly relevantNegatives: Floats
}

/** The four losses and their gradients by ū and by the means. */
function createPairLosses({ kernels, tables, batchSize, perPositive }: SamplerContext, weight: number) {
  const { dimensions } = tables
  const { memory } = kernels
  const slots = batchSize * perPositive
  const [whole, relevant, none] = [1, 2, 3].map(() => memory.floats(batchSize))
  const [wholeN, relevantN] = [memory.floats(slots), memory.floats(slots)]
  const [irrelevant, opposite, own] = [memory.floats(batchSize), memory.floats(batchSize), memory.floats(batchSize)]
  const [gap, oppositeN] = [memory.floats(slots), memory.floats(slots)]
  const derivatives = [1, 2, 3, 4].map(() => ({ positive: memory.floats(batchSize), negative: memory.floats(slots) }))
  const [toWhole, toRelevant, toWholeN, toRelevantN] = [batchSize, batchSize, slots, slots].map(rows => memory.floats(rows)) // biome-ignore format: one line

  return {
    differentiate(
      batch: Batch,
      negatives: Negatives,
      users: Floats,
      means: Parts,
      by: Parts,
      byUser: Floats,
      loss: Floats,
    ) {
      const { size, positives } = batch
      const count = size * perPositive
      const rows = (all: Floats, number: number) => all.subarray(0, number * dimensions)
      kernels.dotRows(users, rows(means.positives, size), 1, dimensions, whole)
      kernels.dotRows(users, rows(means.relevant, size), 1, dimensions, relevant)
      kernels.dotRows(users, rows(means.negatives, count), perPositive, dimensions, wholeN)
      kernels.dotRows(users, rows(means.relevantNegatives, count), perPositive, dimensions, relevantN)
      for (let b = 0; b < size; b++) {
        irrelevant[b] = whole[b] - relevant[b]
        opposite[b] = -irrelevant[b]
      }
      for (let slot = 0; slot < count; slot++) {
        gap[slot] = 2 * relevantN[slot] - wholeN[slot]
        oppositeN[slot] = relevantN[slot] - wholeN[slot]
      }
      const single: Negatives = { perPositive: 1, pickedHops: 1, items: positives }
      const terms = [
        [single, relevant, irrelevant],
        [negatives, none, gap],
        [negatives, relevant, relevantN],
        [negatives, opposite, oppositeN],
      ] as const
      const factor = weight / 4
      terms.forEach(([pairs, positive, negative], term) => {
        kernels.bpr(batch, pairs, { positive, negative }, derivatives[term], own)
        for (let b = 0; b < size; b++) loss[b] += factor * own[b]
      })
      const [ofParts, ofNegatives, across, ofRest] = derivatives
      for (let b = 0; b < size; b++) {
        const byIrrelevant = factor * (ofParts.negative[b] - ofRest.positive[b])
        toWhole[b] = byIrrelevant
        toRelevant[b] = factor * (ofParts.positive[b] + across.positive[b]) - byIrrelevant
      }
      for (let slot = 0; slot < count; slot++) {
        const byIrrelevant = -factor * (ofNegatives.negative[slot] + ofRest.negative[slot])
        toWholeN[slot] = byIrrelevant
        toRelevantN[slot] = factor * (ofNegatives.negative[slot] + across.negative[slot]) - byIrrelevant
      }
      byUser.fill(0)
      const toUsers = rows(byUser, size)
      const back = (values: Floats, scores: Floats, perRow: number, out: Floats) =>
        kernels.dotRowsBack(users, values, scores, perRow, dimensions, toUsers, out)
      back(rows(means.positives, size), toWhole, 1, rows(by.positives, size))
      back(rows(means.relevant, size), toRelevant, 1, rows(by.relevant, size))
      back(rows(means.negatives, count), toWholeN, perPositive, rows(by.negatives, count))
      back(rows(means.relevantNegatives, count), toRelevantN, perPositive, rows(by.relevantNegatives, count))
    },
  }
}
