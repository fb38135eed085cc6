import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { derive, randomStream } from '../../src/random.ts'
import { buildTrees, codesOf, type TreeEvent, type TreesRequest } from '../../src/trees/build.ts'
import { RESIDUAL_LIMIT } from '../../src/trees/eigen.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(120, 90, 0.06)

function vectorsFor(items: number, dimensions: number): Float32Array {
  const random = randomStream(derive(4, 'vectors'))
  return Float32Array.from({ length: items * dimensions }, () => random.uniform() - 0.5)
}

const build = (changes: Partial<TreesRequest> = {}) =>
  buildTrees({ train, itemVectors: vectorsFor(90, 8), kernels: createKernels(), seed: 1, ...changes })

it('each view follows its own data', async () => {
  const usual = codesOf(await build())
  const otherVectors = codesOf(await build({ itemVectors: vectorsFor(90, 8).map(value => value * value) }))
  expect(otherVectors.structural).toEqual(usual.structural)
  expect(otherVectors.semantic).not.toEqual(usual.semantic)
  const otherTrain = codesOf(await build({ train: randomDataset(120, 90, 0.06, 2) }))
  expect(otherTrain.structural).not.toEqual(usual.structural)
  expect(otherTrain.semantic).toEqual(usual.semantic)
})

it('the same seed gives the same trees, down to the last bit of the eigenvalues', async () => {
  expect(await build()).toEqual(await build())
})

it('option eigenvectors does something, to the structural view alone', async () => {
  const [few, usual] = [codesOf(await build({ options: { eigenvectors: 2 } })), codesOf(await build())]
  expect(few.structural).not.toEqual(usual.structural)
  expect(few.semantic).toEqual(usual.semantic)
})

it('the result is JSON but for the codes', async () => {
  const { codes: _, ...structural } = (await build()).structural
  expect(JSON.parse(JSON.stringify(structural))).toEqual(structural)
  expect(structural.eigen.values[0]).toBeCloseTo(1, 6)
})

it('reports every step to its end', async () => {
  const events: TreeEvent[] = []
  await build({ progress: event => events.push(event) })
  const last = (view: string) => events.findLast(event => event.view === view && event.step === 'tree')
  expect(last('structural')).toMatchObject({ done: 90, total: 90 })
  expect(last('semantic')).toMatchObject({ done: 90, total: 90 })
})

it('refuses vectors of another catalogue and unknown options', async () => {
  await expect(build({ itemVectors: new Float32Array(100) })).rejects.toThrow(
    'trees: 100 numbers are not one vector for each of 90 items',
  )
  const options = { leafsize: 3 } as TreesRequest['options'] & object
  await expect(build({ options })).rejects.toThrow('trees: unknown option --leafsize')
})

const sports = new URL('../../../shared/data/sports/train.txt', import.meta.url)

describe.skipIf(!existsSync(sports))('Amazon Sports (skipped without ../shared/data/sports)', () => {
  it('a structural tree like the released one (646 leaves, depth 3 to 7, mean 4.94)', async () => {
    const [users, items] = [15138, 8439]
    const lines = readFileSync(sports, 'utf8').trim().split('\n')
    const pairs = lines.map(line => line.split(' ').map(Number))
    const columns = { users: pairs.map(([user]) => user), items: pairs.map(([, item]) => item - users) }
    const vocabulary = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))
    const data = createDataset(columns, vocabulary(users), vocabulary(items))
    const { structural } = await build({ train: data, itemVectors: new Float32Array(items * 4) })
    const { shape, eigen } = structural
    expect(data.interactions).toBe(171_621)
    expect(shape.orphans).toBe(3)
    expect(shape.leaves).toBeGreaterThan(550)
    expect(shape.leaves).toBeLessThan(750)
    expect(shape.depthMax).toBeLessThanOrEqual(8)
    expect(Math.abs(shape.depthMean - 4.94)).toBeLessThan(0.5)
    expect(Math.max(...shape.topBranches)).toBeLessThanOrEqual(3376)
    // the second and the last eigenvalue, by ARPACK
    expect(eigen.values[1]).toBeCloseTo(0.894, 4)
    expect(eigen.values[32]).toBeCloseTo(0.337, 4)
    expect(eigen.residual).toBeLessThanOrEqual(RESIDUAL_LIMIT)
  })
})
