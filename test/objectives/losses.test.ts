import { describe, expect, it } from 'vitest'
import { rowOfEntry } from '../../src/dataset/csr.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { bsl } from '../../src/objectives/bsl.ts'
import { ccl } from '../../src/objectives/ccl.ts'
import { enmf } from '../../src/objectives/enmf.ts'
import type { VectorObjectiveDefinition } from '../../src/objectives/objective.ts'
import { psl } from '../../src/objectives/psl.ts'
import { slAtK } from '../../src/objectives/sl-at-k.ts'
import { ultragcn } from '../../src/objectives/ultragcn.ts'
import { vectorSetting } from '../contracts/vector-objective.ts'
import { randomDataset, randomFloats } from '../support/toy.ts'

const D = 8
/** that of the setting */
const train = randomDataset(5, 9, 0.3)
const dot = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * b[d], 0)
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
const row = (values: ArrayLike<number>, at: number) => Array.from({ length: D }, (_, d) => values[at * D + d])

/** The loss of each positive, and what it is to be by a formula over its similarities. */
function both(
  definition: VectorObjectiveDefinition,
  options: object,
  formula: (positive: number, negatives: number[], b: number) => number,
  pool = Number.POSITIVE_INFINITY,
) {
  const observed = (options as { observedNegatives?: boolean }).observedNegatives === true
  const { vectors, shared, batch, negatives, run } = vectorSetting(definition, options, createReferenceKernels('f64'), { empty: [3] }) // biome-ignore format: one line
  const expected = Array.from({ length: batch.size }, (_, b) => {
    const user = row(vectors.users, b)
    const known = columnsOf(train.byUser, batch.users[b])
    const picks = [2 * b, 2 * b + 1]
      .filter(slot => negatives.items[slot] >= 0)
      .map(slot => row(vectors.negatives, slot))
    const others = [...shared.subarray(0, Math.min(pool, shared.length))].flatMap((item, m) =>
      item < 0 || (!observed && (item === batch.positives[b] || known.includes(item))) ? [] : [row(vectors.shared, m)],
    )
    const own = cosine(user, row(vectors.positives, b))
    return formula(
      own,
      [...picks, ...others].map(other => cosine(user, other)),
      b,
    )
  })
  return { loss: [...run().loss], expected, vectors, shared, batch }
}

const expectClose = ({ loss, expected }: { loss: number[]; expected: number[] }) => {
  expect(loss).toEqual(expected.map(value => expect.closeTo(value, 10)))
  expect(new Set(expected.map(value => value.toFixed(6))).size).toBeGreaterThan(3)
}
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)

describe('losses on cosines are their formulas, without what the user has met', () => {
  it('ccl', () => {
    const formula = (p: number, others: number[]) =>
      1 - p + (4 * sum(others.map(score => Math.max(0, score - 0.1)))) / others.length
    expectClose(both(ccl, { cosineMargin: 0.1, negativeWeight: 4, sharedNegatives: 6 }, formula))
    expectClose(both(ccl, { cosineMargin: 0.1, negativeWeight: 4, sharedNegatives: 0 }, formula))
    const options = { cosineMargin: -0.2, negativeWeight: 4, sharedNegatives: 20, observedNegatives: true }
    const lenient = (p: number, others: number[]) =>
      1 - p + (4 * sum(others.map(score => Math.max(0, score + 0.2)))) / others.length
    const observed = both(ccl, options, lenient)
    expectClose(observed)
    expect(observed.loss).not.toEqual(both(ccl, { ...options, observedNegatives: false }, lenient).loss)
    expect(() => both(ccl, { ...options, sharedNegatives: 0 }, lenient)).toThrow(
      'objective "ccl": --observed-negatives is about shared negatives, and there are none: give --shared-negatives too',
    )
  })

  it.each([
    ['relu', (d: number) => Math.max(0, d + 1)],
    ['tanh', (d: number) => Math.tanh(d) + 1],
  ] as const)('psl with %s', (surrogate, activate) => {
    const formula = (p: number, others: number[]) =>
      Math.log(1 + sum(others.map(score => activate((score - p) / 2) ** (1 / 0.2))))
    expectClose(both(psl, { surrogate, temperature: 0.2, sharedNegatives: 6 }, formula))
  })

  it('bsl, over the positives that were drawn', () => {
    const options = { temperature: 0.3, positiveTemperature: 0.4, positiveDraws: 2, sharedNegatives: 4 }
    const { vectors, shared, batch } = both(bsl, options, () => 0, 4)
    for (let b = 0; b < batch.size; b++) {
      const known = columnsOf(train.byUser, batch.users[b])
      for (const item of shared.subarray(4 + 2 * b, 6 + 2 * b)) expect(known).toContain(item)
    }
    const formula = (p: number, others: number[], b: number) => {
      const user = row(vectors.users, b)
      const positives = [p, ...[4 + 2 * b, 5 + 2 * b].map(place => cosine(user, row(vectors.shared, place)))]
      const mean = sum(positives.map(score => Math.exp(score / 0.4))) / 3
      return 0.3 * Math.log(sum([p, ...others].map(score => Math.exp(score / 0.3)))) - 0.4 * Math.log(mean)
    }
    expectClose(both(bsl, options, formula, 4))
  })

  it('sl-at-k, weighted by the place of the positive', () => {
    // 12 draws of 9 items: 2 places are worth the 3 best draws
    const options = { cutoff: 2, temperature: 0.3, weightTemperature: 0.5, sharedNegatives: 12 }
    const formula = (p: number, others: number[], b: number) => {
      const picks = b === 1 ? 1 : 2
      const best = others.slice(picks).sort((x, y) => y - x)
      const quantile = best.length === 0 ? -1 : best[Math.min(3, best.length) - 1]
      const weight = 1 / (1 + Math.exp(-(p - quantile) / 0.5))
      return weight * Math.log(1 + sum(others.map(score => Math.exp((score - p) / 0.3))))
    }
    expectClose(both(slAtK, options, formula))
  })
})

/** All vectors, and the batch of everything that was observed. */
function everything(definition: VectorObjectiveDefinition, options: object) {
  const kernels = createReferenceKernels('f64')
  const { memory } = kernels
  const size = train.interactions
  const context = { kernels, train, forbidden: residentPattern(memory, train.byUser), dimensions: D, batchSize: size, perPositive: 1, seed: 1 } // biome-ignore format: one line
  const objective = definition.create(context, options)
  const [userTable, itemTable] = [randomFloats(kernels, 5 * D, 1), randomFloats(kernels, 9 * D, 2)]
  const batch = { size, users: memory.copy(rowOfEntry(train.byUser)), positives: memory.copy(train.byUser.indices) }
  const items = memory.copy(batch.positives.map((_, b) => (4 * b) % 9))
  const shared = memory.ints(objective.sharedCount(size))
  objective.share(batch, { epoch: 1, batch: 0 }, shared)
  const gather = (table: ArrayLike<number>, rows: Int32Array) => {
    const out = memory.floats(rows.length * D)
    rows.forEach((at, place) => {
      if (at >= 0) out.set(row(table, at), place * D)
    })
    return out
  }
  const vectors = {
    users: gather(userTable, batch.users),
    positives: gather(itemTable, batch.positives),
    negatives: gather(itemTable, items),
    shared: gather(itemTable, shared),
  }
  const gradients = {
    users: memory.copy(vectors.users),
    positives: memory.copy(vectors.positives),
    negatives: memory.copy(vectors.negatives),
    shared: memory.copy(vectors.shared),
  }
  const loss = memory.floats(size)
  const scores = { positive: memory.floats(size), negative: memory.floats(size) }
  objective.differentiate(batch, { perPositive: 1, pickedHops: 1, items }, shared, vectors, gradients, scores, loss)
  const score = (user: number, item: number) => dot(row(userTable, user), row(itemTable, item))
  return { loss, score, batch, items }
}

describe('losses on inner products', () => {
  it('enmf over an epoch is the squared error over all pairs', () => {
    const { loss, score } = everything(enmf, { unobservedWeight: 0.3 })
    let expected = 0
    for (let user = 0; user < 5; user++)
      for (let item = 0; item < 9; item++) {
        const s = score(user, item)
        // what was observed less the constant 1 of (s − 1)²
        expected += columnsOf(train.byUser, user).includes(item) ? (s - 1) ** 2 - 1 : 0.3 * s * s
      }
    expect(sum([...loss])).toBeCloseTo(expected, 8)
  })

  it('ultragcn weighs pairs by degrees, and takes the most similar items for positives', () => {
    const options = { plainWeight: 0.1, pairNegativeWeight: 3, itemWeight: 0.7, similarItems: 2 }
    const { loss, score, batch, items } = everything(ultragcn, options)
    const degree = (item: number) => columnsOf(train.byItem, item).length
    const shared = (a: number, b: number) =>
      [...columnsOf(train.byItem, a)].filter(user => columnsOf(train.byItem, b).includes(user)).length
    const all = Array.from({ length: 9 }, (_, item) => item)
    const total = (item: number) => sum(all.map(other => shared(item, other)))
    const beta = (user: number, item: number) => {
      const own = columnsOf(train.byUser, user).length
      return 0.1 + Math.sqrt((own + 1) / (degree(item) + 1)) / own
    }
    const softplus = (x: number) => Math.log(1 + Math.exp(x))
    batch.positives.forEach((positive, b) => {
      const user = batch.users[b]
      const weights = all
        .filter(item => item !== positive && shared(positive, item) > 0)
        .map(item => ({
          item,
          weight:
            (shared(positive, item) / (total(positive) - degree(positive))) * Math.sqrt(total(positive) / total(item)),
        }))
        .sort((x, y) => y.weight - x.weight)
      const ofSimilar = sum(weights.slice(0, 2).map(({ item, weight }) => weight * softplus(-score(user, item))))
      // where the second and third are equal, either will do
      if (weights.length > 2 && Math.abs(weights[1].weight - weights[2].weight) < 1e-9) return
      const expected =
        beta(user, positive) * softplus(-score(user, positive)) +
        3 * beta(user, items[b]) * softplus(score(user, items[b])) +
        0.7 * ofSimilar
      expect(loss[b]).toBeCloseTo(expected, 6)
    })
  })
})
