import { describe, expect, it } from 'vitest'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { sampledSoftmax } from '../../src/objectives/sampled-softmax.ts'
import { vectorSetting } from '../contracts/vector-objective.ts'
import { randomDataset } from '../support/toy.ts'

const D = 8

/** The loss in plain numbers: nothing here calls a kernel. */
function naive(
  { vectors, shared, batch, negatives }: ReturnType<typeof vectorSetting>,
  { cosine, temperature, counts }: { cosine: boolean; temperature: number; counts?: (item: number) => number },
): number[] {
  const train = randomDataset(5, 9, 0.3)
  const row = (values: ArrayLike<number>, at: number) => Array.from({ length: D }, (_, d) => values[at * D + d])
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * b[d], 0)
  return Array.from({ length: batch.size }, (_, b) => {
    const user = row(vectors.users, b)
    const score = (other: number[]) =>
      dot(user, other) / (cosine ? Math.sqrt(dot(user, user) * dot(other, other)) : 1) / temperature
    const { offsets, indices } = train.byUser
    const observed = indices.subarray(offsets[batch.users[b]], offsets[batch.users[b] + 1])
    const positive = Math.exp(score(row(vectors.positives, b)))
    let total = positive
    for (let slot = 2 * b; slot < 2 * b + 2; slot++)
      if (negatives.items[slot] >= 0) total += Math.exp(score(row(vectors.negatives, slot)))
    shared.forEach((item, m) => {
      if (item < 0 || item === batch.positives[b] || observed.includes(item)) return
      total += (counts?.(item) ?? 1) * Math.exp(score(row(vectors.shared, m)))
    })
    return -Math.log(positive / total)
  })
}

const run = (options: object, empty: number[] = []) => {
  const setting = vectorSetting(sampledSoftmax, options, createReferenceKernels('f64'), { empty })
  return { setting, loss: Array.from(setting.run().loss) }
}
const expectClose = (actual: number[], expected: number[]) =>
  expected.forEach((value, b) => {
    expect(actual[b]).toBeCloseTo(value, 10)
  })

describe('sampled-softmax is the formula, without what the user has met', () => {
  it('on cosines', () => {
    const { setting, loss } = run({ sharedNegatives: 14, temperature: 0.3 }, [2, 3, 5])
    expectClose(loss, naive(setting, { cosine: true, temperature: 0.3 }))
  })

  it('on inner products', () => {
    const { setting, loss } = run({ similarity: 'inner-product', sharedNegatives: 7, temperature: 2 })
    expectClose(loss, naive(setting, { cosine: false, temperature: 2 }))
  })

  it('with the positives of the batch as negatives of each other', () => {
    const { setting, loss } = run({ inBatch: true, sharedNegatives: 3, temperature: 0.2 })
    expect([...setting.shared.subarray(3, 9)]).toEqual([...setting.batch.positives])
    expect([...setting.shared.subarray(9)]).toEqual([-1, -1, -1])
    expectClose(loss, naive(setting, { cosine: true, temperature: 0.2 }))
  })

  it('with counts 1 over the expected number: draws / items + batch × degree / interactions', () => {
    const { byItem, interactions } = randomDataset(5, 9, 0.3)
    const { setting, loss } = run({ inBatch: true, logQ: true, sharedNegatives: 4, temperature: 0.5 })
    const counts = (item: number) =>
      1 / (4 / 9 + (6 * (byItem.offsets[item + 1] - byItem.offsets[item])) / interactions)
    expectClose(loss, naive(setting, { cosine: true, temperature: 0.5, counts }))
  })

  it('with nothing shared, as over the picks alone', () => {
    const { setting, loss } = run({ sharedNegatives: 0 })
    expect(setting.shared).toHaveLength(0)
    expectClose(loss, naive(setting, { cosine: true, temperature: 0.1 }))
  })
})

it('what is forbidden has no gradient at all', () => {
  const { setting } = run({ sharedNegatives: 20 })
  const { gradients } = setting.run()
  const { offsets, indices } = randomDataset(5, 9, 0.3).byUser
  const hiddenFromAll = setting.shared.findIndex(item =>
    setting.batch.users.every(
      (user, b) =>
        item === setting.batch.positives[b] || indices.subarray(offsets[user], offsets[user + 1]).includes(item),
    ),
  )
  setting.shared.forEach((_, m) => {
    const zero = gradients.shared.subarray(m * D, (m + 1) * D).every(value => value === 0)
    if (m === hiddenFromAll) expect(zero).toBe(true)
  })
  expect(gradients.shared.some(value => value !== 0)).toBe(true)
})

it('the pool of one batch leaves nothing behind for the next', () => {
  const kernels = createKernels()
  const train = randomDataset(5, 9, 0.3)
  const forbidden = residentPattern(kernels.memory, train.byUser)
  const fresh = vectorSetting(sampledSoftmax, { sharedNegatives: 4 }, createKernels(), {}).run().loss
  const used = vectorSetting(sampledSoftmax, { sharedNegatives: 4 }, kernels, {})
  used.run()
  expect(used.run().loss).toEqual(fresh)
  expect(forbidden.offsets).toHaveLength(6)
})
