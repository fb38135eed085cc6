import { expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { derive } from '../../src/random.ts'
import { structuralView } from '../../src/trees/structural.ts'
import { randomDataset } from '../support/toy.ts'

const vocabulary = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))

function datasetOf(histories: readonly (readonly number[])[], items: number) {
  const users = histories.flatMap((history, user) => history.map(() => user))
  return createDataset({ users, items: histories.flat() }, vocabulary(histories.length), vocabulary(items))
}

const view = (train: ReturnType<typeof datasetOf>, eigenvectors: number) =>
  structuralView({ train, eigenvectors, kernels: createKernels(), key: derive(1, 'view') })

it('the first vector after the dropped one parts two communities', async () => {
  // users 0–7 like items 0–4, users 8–15 items 5–9; user 16 bridges
  const histories = Array.from({ length: 16 }, (_, user) =>
    [0, 1, 2, 3, 4].filter(item => item !== user % 5).map(item => item + 5 * Number(user >= 8)),
  )
  const { vectors, dimensions, eigen } = await view(datasetOf([...histories, [0, 5]], 10), 4)
  expect(dimensions).toBe(4)
  expect(eigen.values[0]).toBeCloseTo(1, 6)
  const side = Array.from({ length: 10 }, (_, item) => Math.sign(vectors[item * dimensions]))
  expect(new Set(side.slice(0, 5)).size).toBe(1)
  expect(side.slice(5)).toEqual(side.slice(0, 5).map(sign => -sign))
})

it('two components: one vector of eigenvalue 1 is dropped, one kept', async () => {
  const { eigen, vectors, dimensions } = await view(
    datasetOf(
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      6,
    ),
    3,
  )
  expect(eigen.values.map(value => Math.round(value * 1e6) / 1e6)).toEqual([1, 1, -0.5, -0.5])
  const [first, , , second] = Array.from({ length: 6 }, (_, item) => vectors[item * dimensions])
  for (let item = 0; item < 6; item++) expect(vectors[item * dimensions]).toBeCloseTo(item < 3 ? first : second, 6)
  expect(3 * first ** 2 + 3 * second ** 2).toBeCloseTo(1, 6)
})

it('counts items that share no user with another, and has no more vectors than items allow', async () => {
  const { orphans, dimensions, vectors } = await view(datasetOf([[0, 1], [1, 2], [4]], 6), 32)
  expect([...orphans]).toEqual([3, 4, 5])
  expect(dimensions).toBe(5)
  expect(vectors).toHaveLength(30)
  expect(vectors.every(Number.isFinite)).toBe(true)
})

it('more eigenvectors begin with the same ones, up to 1e-3', async () => {
  const train = randomDataset(200, 300, 0.03)
  const [few, many] = [await view(train, 4), await view(train, 12)]
  expect([few.dimensions, many.dimensions]).toEqual([4, 12])
  for (let item = 0; item < train.items; item++)
    for (let d = 0; d < 4; d++)
      expect(Math.abs(few.vectors[item * 4 + d] - many.vectors[item * 12 + d])).toBeLessThan(1e-3)
})
