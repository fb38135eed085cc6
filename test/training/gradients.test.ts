import { describe, expect, it } from 'vitest'
import { degreesOf, rowOfEntry } from '../../src/dataset/csr.ts'
import type { Batch, Kernels, Negatives } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { models } from '../../src/models/index.ts'
import type { EmbeddingDefinition } from '../../src/models/model.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { withSideVectors } from '../../src/models/side-vectors.ts'
import { objectives } from '../../src/objectives/index.ts'
import { createObjective } from '../../src/objectives/objective.ts'
import { createSampler, samplers } from '../../src/samplers/index.ts'
import type { Sampler } from '../../src/samplers/sampler.ts'
import { createAdam } from '../../src/training/optimizer.ts'
import { createGradients, createStep, learnedParameters } from '../../src/training/step.ts'
import { budget } from '../support/budget.ts'
import { randomBatch, randomDataset, randomFloats, randomInts } from '../support/toy.ts'

const data = randomDataset(7, 12, 0.3)
/** Options with which a part of the loss is large enough to be seen. */
const strong: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ans: { factorWeight: 1, augmentation: 1 },
  dens: { gateWeight: 2 },
}
/** Fewer parameters to go through: the contract of models has more layers. */
const few: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { ngcf: { layers: 1 } }
/** Options of a model that change what it is, beside those that are usual. */
const otherModels: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  simplex: { historyVectors: 'own', pooling: 'sum' },
}
/** The decorator around each scoring sampler, and every other sampler by itself. */
const samplerChoices = samplers.parts.flatMap(part =>
  part.kind !== 'decorator'
    ? [{ part: part.name, options: strong[part.name] ?? {} }]
    : samplers.parts
        .filter(base => base.kind === 'scoring')
        .map(base => ({ part: part.name, options: { base: base.name, ...strong[base.name] } })),
)
/** Options of an objective that change its formula, beside those that are usual. */
const variants: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  'sampled-softmax': [
    { sharedNegatives: 6 },
    { similarity: 'inner-product', temperature: 0.5, sharedNegatives: 5, inBatch: true, logQ: true },
  ],
  bpr: [{}, { pairLosses: 'mean' }],
  ccl: [{ sharedNegatives: 6, cosineMargin: -0.9, negativeWeight: 2 }],
  psl: [
    { sharedNegatives: 6, temperature: 0.5 },
    { sharedNegatives: 6, temperature: 0.5, surrogate: 'tanh' },
  ],
  bsl: [{ sharedNegatives: 6, temperature: 0.5 }],
  // the weight of a positive, which has no gradient, is 1/2 whatever the vectors
  'sl-at-k': [{ sharedNegatives: 6, temperature: 0.5, weightTemperature: 1e9 }],
  ultragcn: [{ similarItems: 3, itemWeight: 1, pairNegativeWeight: 2 }],
}
const objectiveChoices = objectives.parts.flatMap(definition =>
  (variants[definition.name] ?? [{}]).map(options => ({ definition, options })),
)
type SamplerChoice = (typeof samplerChoices)[number]
type ObjectiveChoice = (typeof objectiveChoices)[number]

/** An objective on vectors is refused for a model that scores pairs otherwise: see test/models/neumf.test.ts. */
const fits = (model: EmbeddingDefinition, { definition }: ObjectiveChoice) =>
  !model.scorer || definition.kind === 'scores'
/** What every sampler is tried with; the other objectives look at picks as these do, and are tried with two. */
const isTriedWithAll = ({ definition: { name }, options }: ObjectiveChoice) =>
  ['bpr', 'sampled-softmax'].includes(name) && !('pairLosses' in options)
/** A decorator changes what is picked, not what the loss makes of it: it is tried with one objective. */
const isTried = (model: EmbeddingDefinition, { part }: SamplerChoice, own: ObjectiveChoice) => {
  const { name } = own.definition
  if (!fits(model, own)) return false
  if (samplers.get(part).kind === 'decorator') return name === 'bpr' && isTriedWithAll(own)
  return isTriedWithAll(own) || part === 'uniform' || part === 'mixgcf'
}
/** What is tried with every model; the rest with one model each, in turn, and in .ci/run with every one, too. */
const withEveryModel = ({ part }: SamplerChoice, { definition }: ObjectiveChoice) =>
  part === 'uniform' || (definition.name === 'bpr' && samplers.get(part).kind !== 'decorator')
const cases = samplerChoices.flatMap((choice, at) =>
  objectiveChoices.flatMap(objective => {
    const fitting = models.parts.filter(model => isTried(model, choice, objective))
    const few = withEveryModel(choice, objective) ? fitting : fitting.slice(at % fitting.length).slice(0, 1)
    return budget(few, fitting).flatMap(model => {
      const plain = { model, choice, objective, side: false, other: {} as Readonly<Record<string, unknown>> }
      if (choice.part !== 'uniform' || objective.definition.name !== 'bpr') return [plain]
      const other = otherModels[model.name]
      // side vectors come before the model, whatever comes behind them
      return [plain, { ...plain, side: true }, ...(other ? [{ ...plain, other }] : [])]
    })
  }),
)
const nameOf = ({ model, choice, objective: { definition, options }, side, other }: (typeof cases)[number]) => {
  const names = [model.name, choice.part, ...Object.values(choice.options), definition.name, ...(side ? ['side'] : [])]
  return [...names, ...Object.entries({ ...options, ...other }).map(([name, value]) => `${name} ${value}`)].join(' × ')
}

const PER_POSITIVE = 2
const parts = (
  kernels: Kernels,
  { model: definition, choice, objective, side, other }: (typeof cases)[number],
  batchSize: number,
) => {
  const plain = definition.create(
    { train: data, kernels, seed: 2, batchSize },
    { dimensions: 4, ...few[definition.name], ...other },
  )
  // of a length that is no multiple of 4; the last two items have none
  const given = { dimensions: 5, values: Float32Array.from(randomFloats(kernels, 60, 8)).fill(0, 50) }
  const model = side ? withSideVectors(plain, given, kernels) : plain
  // they begin at 0
  model.parameters['side.weight']?.values.set(randomFloats(kernels, model.parameters['side.weight'].values.length, 9))
  // large enough that the loss is not flat
  model.parameters.embeddings.values.set(randomFloats(kernels, model.parameters.embeddings.values.length, 3))
  model.forward()
  const codes = (seed: number) => ({
    depth: 3,
    values: kernels.memory.copy(Int8Array.from(randomInts(kernels, 36, 2, seed))),
  })
  const forbidden = residentPattern(kernels.memory, data.byUser)
  const sampler = createSampler(choice, {
    kernels,
    tables: model.tables,
    forbidden,
    degrees: degreesOf(data.byItem),
    batchSize,
    perPositive: PER_POSITIVE,
    seed: 4,
    codes: { structural: codes(1), semantic: codes(2) },
  })
  return {
    kernels,
    model,
    sampler,
    objective: createObjective(objective.definition, objective.options, {
      ...{
        kernels,
        train: data,
        forbidden,
        dimensions: model.tables.dimensions,
        batchSize,
        perPositive: PER_POSITIVE,
        seed: 5,
      },
    }),
    regularization: 0.05,
    batchSize,
    negatives: PER_POSITIVE,
  }
}

/** What is picked depends on the vectors, but carries no gradient: the first pick is kept. */
function frozen(sampler: Sampler): Sampler {
  let first: Negatives | undefined
  return {
    ...sampler,
    sample(batch, at) {
      if (!first) {
        const { items, mix, ...rest } = sampler.sample(batch, at)
        first = { ...rest, items: items.slice(), ...(mix && { mix: mix.slice() }) }
      }
      return first
    },
  }
}

/** With an L2 term on all vectors: every model once. */
const regularizedAll = cases
  .filter(({ choice, objective }) => choice.part === 'uniform' && objective.definition.name === 'bpr')
  .filter(({ objective }) => !('pairLosses' in objective.options))
  .map(each => ({ ...each, regularized: 'all' as const }))
const gradientCases = [...cases.map(each => ({ ...each, regularized: 'batch' as const })), ...regularizedAll]

describe('gradients in f64 agree with central differences within 1e-6', () => {
  const named = gradientCases.map(
    each => [`${nameOf(each)}${each.regularized === 'all' ? ' × all' : ''}`, each] as const,
  )
  it.each(named)('%s', (_name, each) => {
    const setup = { ...parts(createReferenceKernels('f64'), each, 5), regularized: each.regularized }
    const { differentiate } = createGradients({ ...setup, sampler: frozen(setup.sampler) })
    const batch = randomBatch(setup.kernels, 5, 7, 12, true)
    const position = { epoch: 1, batch: 0 }
    const lossOf = () => differentiate(batch, position).loss / batch.size
    let [ofModel, ofSampler] = [0, 0]
    for (const [name, { values, gradient }] of Object.entries(learnedParameters(setup.model, setup.sampler))) {
      lossOf()
      const analytic = gradient.slice()
      const large = analytic.filter(value => Math.abs(value) > 1e-3).length
      if (name === 'embeddings') expect(large).toBeGreaterThan(20)
      else if (name in setup.model.parameters) ofModel += large
      else ofSampler += large
      const wrong: string[] = []
      for (let i = 0; i < values.length; i++) {
        const kept = values[i]
        const h = 1e-5
        values[i] = kept + h
        const above = lossOf()
        values[i] = kept - h
        const below = lossOf()
        values[i] = kept
        const numeric = (above - below) / (2 * h)
        if (!(Math.abs(numeric - analytic[i]) < 1e-6)) wrong.push(`${i}: ${analytic[i]} instead of ${numeric}`)
      }
      expect(wrong, name).toEqual([])
    }
    if (Object.keys(setup.model.parameters).length > 1) expect(ofModel).toBeGreaterThan(10)
    if (setup.sampler.learning) expect(ofSampler).toBeGreaterThan(10)
  })
})

it('side vectors of mf: a batch has the gradient that it has alone, whatever came before it', () => {
  const each = cases.find(({ model, side }) => model.name === 'mf' && side)!
  const gradientAfter = (...sizes: number[]) => {
    const setup = parts(createReferenceKernels('f64'), each, 9)
    const { differentiate } = createGradients(setup)
    for (const size of sizes) differentiate(randomBatch(setup.kernels, size, 7, 12), { epoch: 1, batch: 0 })
    return setup.model.parameters['side.weight'].gradient
  }
  expect(gradientAfter(9, 2)).toEqual(gradientAfter(2))
})

/** Pairs that were met: a positive that is drawn as its own negative scores as itself, but for rounding. */
function observedBatch(kernels: Kernels, size: number): Batch {
  const users = rowOfEntry(data.byUser)
  const entries = randomInts(kernels, size, data.interactions, 6)
  return {
    ...randomBatch(kernels, size, 7, 12, true),
    users: kernels.memory.copy(entries.map(entry => users[entry])),
    positives: kernels.memory.copy(entries.map(entry => data.byUser.indices[entry])),
  }
}

describe('three steps of training on the fast backend are within 1e-5 of the f32 reference', () => {
  it.each(cases.map(each => [nameOf(each), each] as const))('%s', (_name, each) => {
    const run = (kernels: Kernels) => {
      const setup = parts(kernels, each, 8)
      const optimizer = createAdam(learnedParameters(setup.model, setup.sampler), 0.01, kernels)
      const step = createStep({ ...setup, optimizer })
      const batch = observedBatch(kernels, 8)
      // Adam makes whole steps of what is a rounding error behind a ReLU that is just open
      const results = (each.model.scorer ? [1] : [1, 2, 3]).map(count => step(batch, { epoch: 1, batch: count }, count))
      return { results, values: setup.model.parameters.embeddings.values }
    }
    const expected = run(createReferenceKernels('f32'))
    const actual = run(createKernels())
    actual.results.forEach((result, i) => {
      expect(result.loss).toBeCloseTo(expected.results[i].loss, 4)
      expect(result.correct).toBe(expected.results[i].correct)
    })
    const worst = Array.from(actual.values).reduce(
      (most: number, value: number, i: number) => Math.max(most, Math.abs(value - expected.values[i])),
      0,
    )
    expect(worst).toBeLessThan(1e-5)
  })
})
