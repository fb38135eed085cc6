import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../../src/dataset/dataset.ts'
import { plantedData } from '../../../src/dataset/planted.ts'
import { judges } from '../../../src/judges/index.ts'
import { NO_CANDIDATE, POSITIVE } from '../../../src/judges/judge.ts'
import { chancesOf, fitLogistic, logisticLoss } from '../../../src/judges/learned/logistic.ts'
import { PLANTED, plantCases } from '../../../src/judges/planted-cases.ts'
import { createReferenceKernels } from '../../../src/kernels/reference/reference.ts'
import { createKernels } from '../../../src/kernels/wasm/wasm.ts'
import { derive, randomStream } from '../../../src/random.ts'
import { randomCodes } from '../../support/judging.ts'

describe('logistic regression', () => {
  const random = randomStream(derive(1, 'logistic'))
  const rows = 400
  const features = Float32Array.from({ length: rows * 3 }, (_, at) => (at % 3 === 2 ? 5 : 4 * random.uniform() - 2))
  const truth = Int8Array.from({ length: rows }, (_, row) => Number(features[row * 3] + random.uniform() - 0.5 > 0))

  it('the gradient is that of the loss: within 1e-6 of central differences in f64', () => {
    const kernels = createReferenceKernels('f64')
    const loss = logisticLoss(Float64Array.from(features), truth, 3, kernels)
    const at = Float64Array.of(0.4, -0.3, 0.02, 0.1)
    const gradient = new Float64Array(4)
    loss(at, gradient)
    at.forEach((_, f) => {
      const moved = (by: number) =>
        loss(
          at.map((own, i) => (i === f ? own + by : own)),
          new Float64Array(4),
        )
      expect(gradient[f]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 6)
    })
  })

  it('finds the feature that decides, and its mean chance is the share of positives', () => {
    const kernels = createKernels()
    const score = fitLogistic(features, truth, 3, kernels)
    expect(score.weights[0]).toBeGreaterThan(2)
    expect(Math.abs(score.weights[1])).toBeLessThan(0.5)
    expect(score.weights[2]).toBe(0)
    const chances = chancesOf(score, features, kernels)
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, own) => sum + own, 0) / rows
    expect(mean(chances)).toBeCloseTo(mean(truth), 3)
  })
})

describe('judge learned', () => {
  const { train } = worldOf()
  const codes = randomCodes(train.items)
  const cases = plantCases(train, 1, { hidden: 0.2, perUser: 5, perHidden: 1, unobserved: 'popularity' })
  const candidates = { k: cases.k, items: cases.items, scores: new Float32Array(cases.items.length) }
  const ask = (options: object = {}, kernels = createKernels()) =>
    judges.get('learned').create({ train: cases.train, codes, kernels, seed: 1 }, options).judge(candidates)

  it('tells hidden interactions from unobserved items of the same popularity, and its chances are about right', async () => {
    const { labels, confidence, provenance } = await ask()
    const of = (truth: number) => Array.from(confidence.filter((_, place) => cases.truth[place] === truth))
    const mean = (values: number[]) => values.reduce((sum, own) => sum + own, 0) / values.length
    expect(mean(of(PLANTED))).toBeGreaterThan(0.6)
    expect(mean(of(0))).toBeLessThan(0.45)
    expect(Math.abs(mean([...of(PLANTED), ...of(0)]) - 0.5)).toBeLessThan(0.05)
    expect(Array.from(labels).filter(label => label === POSITIVE).length).toBeGreaterThan(50)
    expect(cases.items.every((item, place) => item >= 0 || labels[place] === NO_CANDIDATE)).toBe(true)
    expect(Object.keys(provenance.details?.weights as object)).toContain('co-interaction largest')
  })

  it('codes that say nothing get no weight to speak of beside what does', async () => {
    const { provenance } = await ask()
    const weights = provenance.details?.weights as Record<string, number>
    const largest = (prefix: string) =>
      Math.max(
        ...Object.keys(weights)
          .filter(name => name.includes(prefix))
          .map(name => Math.abs(weights[name])),
      )
    expect(largest('codes')).toBeLessThan(largest('co-interaction') / 3)
  })

  it('chances within 1e-2 of those of the reference kernels', async () => {
    const [fast, plain] = [await ask(), await ask({}, createReferenceKernels('f64'))]
    fast.confidence.forEach((own, place) => {
      expect(Math.abs(own - plain.confidence[place])).toBeLessThan(1e-2)
    })
  })

  it('refuses a feature that it cannot have', async () => {
    await expect(async () => ask({ evidence: ['vectors'] })).rejects.toThrow(/evidence/)
  })
})

function worldOf() {
  const { users, items, train } = plantedData({ users: 400, items: 400, focus: 0.95 })
  const ids = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
  return { train: createDataset(train, ids(users), ids(items)) }
}
