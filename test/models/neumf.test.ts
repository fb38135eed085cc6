import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { embeddingRecommender, scorePairsBy } from '../../src/models/embeddings.ts'
import { loadEmbeddings, saveEmbeddings } from '../../src/models/model-file.ts'
import { neumf } from '../../src/models/neumf.ts'
import { createNeumfScorer } from '../../src/models/neumf-scorer.ts'
import { bce } from '../../src/objectives/bce.ts'
import { directau } from '../../src/objectives/directau.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import { train } from '../../src/training/trainer.ts'
import { sharedDirectory } from '../support/directory.ts'
import { unseenBy } from '../support/requests.ts'
import { randomDataset, randomFloats } from '../support/toy.ts'

const F = 8
const LENGTH = 2 * F
const directory = sharedDirectory()

/** A scorer with biases far from zero, and rows of users and items. */
function setting(kernels: Kernels, rows: number, users: number) {
  const scorer = createNeumfScorer(kernels, 3, LENGTH, 3)
  Object.values(scorer.parameters).forEach(({ values }, at) => {
    values.set(randomFloats(kernels, values.length, 5 + at))
  })
  const vectors = { users: randomFloats(kernels, users * LENGTH, 1), items: randomFloats(kernels, rows * LENGTH, 2) }
  return { scorer, ...vectors }
}

describe('the scorer of neumf', () => {
  it('is h·[u ⊙ i, a_P] of three ReLU layers, by hand within 1e-12', () => {
    const kernels = createReferenceKernels('f64')
    const { scorer, users, items } = setting(kernels, 6, 2)
    const out = kernels.memory.floats(6)
    scorer.score(users, items, 3, out)
    const { parameters } = scorer
    const layer = (x: readonly number[], name: string, width: number) =>
      Array.from({ length: width }, (_, column) => {
        const weight = parameters[`${name}.weight`].values
        const bias = parameters[`${name}.bias`]?.values[column] ?? 0
        return x.reduce((sum, value, d) => sum + value * weight[d * width + column], bias)
      })
    const relu = (x: readonly number[]) => x.map(value => Math.max(0, value))
    for (let row = 0; row < 6; row++) {
      const user = [...users.subarray(Math.floor(row / 3) * LENGTH, (Math.floor(row / 3) + 1) * LENGTH)]
      const item = [...items.subarray(row * LENGTH, (row + 1) * LENGTH)]
      const sums = layer(user.slice(F), 'mlp.user', F).map((value, d) => value + layer(item.slice(F), 'mlp.item', F)[d])
      // widths 8, 4 and, no less than 4, 4
      const top = relu(layer(relu(layer(relu(sums), 'mlp.2', 4)), 'mlp.3', 4))
      const features = [...user.slice(0, F).map((value, d) => value * item[d]), ...top]
      const expected = features.reduce((sum, value, at) => sum + value * parameters.output.values[at], 0)
      expect(out[row]).toBeCloseTo(expected, 12)
    }
  })

  it('says the same of all items at once, over more pairs than fit into one piece, to the bit', () => {
    const kernels = createKernels()
    const { scorer, users, items } = setting(kernels, 2500, 1)
    const [each, all] = [kernels.memory.floats(2500), kernels.memory.floats(2500)]
    scorer.score(users, items, 2500, each)
    scorer.against(items)(users, all)
    expect(all).toEqual(each)
    expect(new Set(each).size).toBeGreaterThan(2000)
  })

  it('goes back over more pairs than fit into one piece: central differences within 1e-6', () => {
    const kernels = createReferenceKernels('f64')
    const { scorer, users, items } = setting(kernels, 1030, 2)
    const derivatives = randomFloats(kernels, 1030, 9)
    const loss = () => {
      const out = kernels.memory.floats(1030)
      scorer.score(users, items, 515, out)
      return Array.from(out).reduce((sum, value, row) => sum + value * derivatives[row], 0)
    }
    const [toUsers, toItems] = [kernels.memory.floats(users.length), kernels.memory.floats(items.length)]
    scorer.backward(users, items, derivatives, 515, toUsers, toItems)
    const check = (values: typeof users, gradient: typeof users, at: number) => {
      const kept = values[at]
      values[at] = kept + 1e-6
      const above = loss()
      values[at] = kept - 1e-6
      const difference = (above - loss()) / 2e-6
      values[at] = kept
      expect(Math.abs(difference - gradient[at])).toBeLessThan(1e-6 * Math.max(1, Math.abs(gradient[at])))
    }
    for (const at of [0, 5, 11, LENGTH + 3]) check(users, toUsers, at)
    for (const at of [1, 12, 1029 * LENGTH + 2, 1029 * LENGTH + 14]) check(items, toItems, at)
    for (const { values, gradient } of Object.values(scorer.parameters)) check(values, gradient, 1)
  })
})

describe('neumf', () => {
  const data = randomDataset(12, 25, 0.25)
  const trained = () =>
    train({
      kernels: createKernels(),
      train: data,
      model: { part: neumf, options: { dimensions: F, mlpLayers: 2 } },
      sampler: { part: 'uniform' },
      objective: { part: bce },
      options: { epochs: 30, batchSize: 16, learningRate: 0.02, validateEvery: 3, negatives: 2 },
      seed: 1,
      // a peak at the beginning: what is kept is not what is last
      validate: ({ userVectors }) => -Math.abs(userVectors[0]),
    })

  it('learns', async () => {
    const { history } = await trained()
    expect(history.at(-1)!.loss).toBeLessThan(0.7 * history[0].loss)
    expect(history.at(-1)!.accuracy).toBeGreaterThan(0.8)
  })

  it('ranks after it was written and read as before, by the scores that pairs have', async () => {
    const { embeddings } = await trained()
    const path = join(directory, 'neumf.safetensors')
    await saveEmbeddings(path, embeddings, { model: 'neumf' })
    const kernels = createKernels()
    const request = {
      ...unseenBy(data, Int32Array.of(3, 0, 7)),
      k: 5,
      tieRank: Int32Array.from({ length: 25 }, (_, item) => item),
    }
    const before = embeddingRecommender(embeddings, kernels, data).recommend(request)
    expect(embeddingRecommender(await loadEmbeddings(path), kernels, data).recommend(request)).toEqual(before)
    const pairs = scorePairsBy(embeddings, kernels, Int32Array.of(3, 3, 0), Int32Array.of(...before.items.subarray(0, 2), before.items[5])) // biome-ignore format: one call
    expect([...pairs]).toEqual([before.scores[0], before.scores[1], before.scores[5]])
    expect(before.scores[0]).toBeGreaterThan(before.scores[1])
  })

  it('asks for a model that can open its file', async () => {
    const { embeddings } = await trained()
    const path = join(directory, 'other.safetensors')
    await saveEmbeddings(path, embeddings, { model: 'own' })
    await expect(loadEmbeddings(path)).rejects.toThrow(
      `${path}: its tensors "scorer.…" are of a model "own" that has no scorer here; train one of those that "dualtree list" shows`,
    )
  })

  it('takes no objective on vectors, and says so before a run begins', async () => {
    const message = 'objective "directau" compares vectors, and model "neumf" scores pairs by a network: use an objective on scores, such as bce or bpr' // biome-ignore format: one line
    expect(() => planRun({ model: 'neumf', objective: 'directau' })).toThrow(message)
    await expect(
      train({
        kernels: createKernels(),
        train: data,
        model: { part: neumf, options: { dimensions: F } },
        sampler: { part: 'uniform' },
        objective: { part: directau },
        seed: 1,
      }),
    ).rejects.toThrow(message)
  })
})
