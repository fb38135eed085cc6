import { Matrix, SingularValueDecomposition } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { rowOfEntry } from '../../src/dataset/csr.ts'
import { createDataset } from '../../src/dataset/dataset.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { gfCf } from '../../src/models/baselines/gf-cf.ts'
import { turboCf } from '../../src/models/baselines/turbo-cf.ts'
import type { BaselineDefinition } from '../../src/models/model.ts'
import { openStored } from '../../src/models/open-stored.ts'
import { usersOf } from '../support/requests.ts'
import { randomDataset } from '../support/toy.ts'

type Data = ReturnType<typeof randomDataset>

/** R [U × I] with entries d_u^{−a} d_i^{−b}. */
function normalized(train: Data, a: number, b: number): Matrix {
  const out = Matrix.zeros(train.users, train.items)
  for (let user = 0; user < train.users; user++)
    for (const item of columnsOf(train.byUser, user)) {
      const [own, other] = [columnsOf(train.byUser, user).length, columnsOf(train.byItem, item).length]
      out.set(user, item, own ** -a * other ** -b)
    }
  return out
}

const rootDegrees = (train: Data, exponent: number) =>
  Matrix.diag(Array.from({ length: train.items }, (_, item) => columnsOf(train.byItem, item).length ** exponent))

function scoresBy(definition: BaselineDefinition, train: Data, options: unknown) {
  const kernels = createKernels()
  const recommender = definition.fit({ train, kernels, seed: 1 }, options)
  const scores = kernels.memory.floats(train.users * train.items)
  recommender.score!(usersOf(train), scores)
  return { recommender, scores }
}

/** The largest difference to what is expected, beside what stands in the histories. */
function worst(scores: ArrayLike<number>, expected: Matrix, train: Data): number {
  let most = 0
  for (let user = 0; user < train.users; user++)
    for (let item = 0; item < train.items; item++)
      if (!columnsOf(train.byUser, user).includes(item))
        most = Math.max(most, Math.abs(scores[user * train.items + item] - expected.get(user, item)))
  return most
}

/** Users of eight groups with the items of their group, and some others: eight singular values stand out. */
function grouped(): Data {
  const noise = randomDataset(120, 90, 0.03)
  const [users, items] = [[...rowOfEntry(noise.byUser)], [...noise.byUser.indices]]
  for (let user = 0; user < 120; user++)
    for (let item = user % 8; item < 90; item += 8) {
      users.push(user)
      items.push(item)
    }
  return createDataset({ users, items }, noise.userIds, noise.itemIds)
}

describe('gf-cf scores unseen items as the formula says', () => {
  const cases = [
    ['all vectors at once, within 1e-5', randomDataset(14, 20, 0.3), 5, 1e-5],
    ['by subspace iteration, within 2e-3', grouped(), 8, 2e-3],
  ] as const
  it.each(cases)('%s', (_name, train, vectors, tolerance) => {
    const own = normalized(train, 0.5, 0.5)
    const rightVectors = new SingularValueDecomposition(own, { autoTranspose: true }).rightSingularVectors
    const kept = rightVectors.subMatrix(0, train.items - 1, 0, vectors - 1)
    const lowPass = rootDegrees(train, -0.5).mmul(kept).mmul(kept.transpose()).mmul(rootDegrees(train, 0.5))
    const filter = own.transpose().mmul(own).add(lowPass.mul(0.4))
    const { scores, recommender } = scoresBy(gfCf, train, { vectors, lowPassWeight: 0.4 })
    const expected = normalized(train, 0, 0).mmul(filter)
    expect(worst(scores, expected, train)).toBeLessThan(tolerance)
    // `mul` has scaled lowPass in place; the linear filter divides by a lower power of the popularity, and the low-pass filter multiplies by one
    const tilted = own
      .transpose()
      .mmul(own)
      .mmul(rootDegrees(train, 0.2))
      .add(lowPass.mmul(rootDegrees(train, -0.25)))
    const options = { vectors, lowPassWeight: 0.4, beta: 0.3, lowPassPopularity: 0.25 }
    expect(worst(scoresBy(gfCf, train, options).scores, normalized(train, 0, 0).mmul(tilted), train)).toBeLessThan(
      tolerance,
    )
    const kernels = createKernels()
    const again = kernels.memory.floats(scores.length)
    openStored(recommender.store!(), kernels, 'x').score!(usersOf(train), again)
    expect([...again]).toEqual([...scores])
  })
})

describe('turbo-cf scores unseen items as the formula says, within 1e-4', () => {
  const train = randomDataset(14, 20, 0.3)
  const [alpha, power] = [0.7, 1.2]
  const own = normalized(train, alpha, 1 - alpha)
  const p = Matrix.pow(own.transpose().mmul(own), power)
  const square = p.mmul(p)
  const filters = {
    linear: p,
    'second-order': Matrix.sub(Matrix.mul(p, 2), square),
    'third-order': Matrix.add(
      p,
      Matrix.mul(Matrix.add(Matrix.sub(Matrix.mul(square, 10), square.mmul(p)), Matrix.mul(p, -29)), 0.01),
    ),
  }
  it.each(Object.entries(filters))('%s', (filter, matrix) => {
    const { scores } = scoresBy(turboCf, train, { alpha, power, filter })
    expect(worst(scores, normalized(train, 0, 0).mmul(matrix), train)).toBeLessThan(1e-4)
  })
})
