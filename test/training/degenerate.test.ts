/** What real data has at its edges must not become NaN, whatever model, objective and sampler are put together. */
import { describe, expect, it } from 'vitest'
import { degreesOf } from '../../src/dataset/csr.ts'
import { createDataset, createVocabulary, type Dataset } from '../../src/dataset/dataset.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { models } from '../../src/models/index.ts'
import type { EmbeddingDefinition } from '../../src/models/model.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { objectives } from '../../src/objectives/index.ts'
import { createObjective, type ObjectiveDefinition } from '../../src/objectives/objective.ts'
import { createSampler, samplers } from '../../src/samplers/index.ts'
import { createAdam } from '../../src/training/optimizer.ts'
import { createStep } from '../../src/training/step.ts'
import { train } from '../../src/training/trainer.ts'
import { budget } from '../support/budget.ts'

const dataset = (pairs: readonly (readonly [number, number])[], users: number, items: number): Dataset => {
  const range = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
  const columns = { users: pairs.map(([user]) => user), items: pairs.map(([, item]) => item) }
  return createDataset(columns, range(users), range(items))
}
const ONE_ITEM = dataset([[0, 0], [1, 0]], 2, 1) // biome-ignore format: a list
/** User 0 has met everything; user 2 and item 3 nothing. */
const EDGES = dataset([[0, 0], [0, 1], [0, 2], [1, 0], [3, 2]], 4, 3) // biome-ignore format: a list

const codes = (items: number) => ({ depth: 2, values: new Int8Array(items * 2).fill(-1) })
const choices = samplers.parts.flatMap(part =>
  part.kind === 'decorator'
    ? samplers.parts
        .filter(({ kind }) => kind === 'scoring')
        .map(({ name }) => ({ part: part.name, options: { base: name } }))
    : [{ part: part.name, options: {} }],
)
/** A model that scores pairs by a network takes no objective on vectors. */
const objectivesOf = (model: EmbeddingDefinition) =>
  objectives.parts.filter(own => !model.scorer || own.kind === 'scores')
/** All with one objective, and a third of them with each other one; in .ci/run all with every one. */
const choicesFor = ({ name }: ObjectiveDefinition) => {
  const third = objectives.names.indexOf(name) % 3
  return budget(name === 'bpr' ? choices : choices.filter((_, at) => at % 3 === third), choices)
}
const finite = (values: Iterable<number>) => [...values].every(Number.isFinite)

describe.each(models.parts.map(model => [model.name, model] as const))('%s', (_, model) => {
  it.each(objectivesOf(model).map(objective => [objective.name, objective] as const))(
    'and %s: one item, users with everything or nothing, and any sampler leave every number finite',
    async (_name, objective) => {
      const kernels = createKernels()
      for (const data of [ONE_ITEM, EDGES])
        for (const sampler of choicesFor(objective)) {
          const { embeddings, history } = await train({
            kernels,
            train: data,
            model: { part: model, options: { dimensions: 4 } },
            sampler,
            objective: { part: objective },
            codes: { structural: codes(data.items), semantic: codes(data.items) },
            options: { epochs: 3, batchSize: 4, learningRate: 0.1, negatives: 2 },
            seed: 1,
          })
          expect(finite(history.map(({ loss }) => loss)), JSON.stringify(sampler)).toBe(true)
          expect(finite(embeddings.userVectors) && finite(embeddings.itemVectors), JSON.stringify(sampler)).toBe(true)
          // users who met everything have no negative
          expect(history[0].skipped).toBe(data === ONE_ITEM ? 2 : 3)
        }
    },
  )

  // products of neighbours square a vector in each of its three steps, and a squared loss does once more
  const large = model.name === 'ngcf' ? 100 : 1e4
  const largeFor = ({ name }: { name: string }) => (model.name === 'ngcf' && name === 'enmf' ? 10 : large)

  it.each(objectivesOf(model).map(objective => [objective.name, objective] as const))(
    `and %s: vectors of zeros and of ${large} leave every number finite`,
    (_name, objective) => {
      for (const value of [0, largeFor(objective)]) {
        const kernels = createKernels()
        const { memory } = kernels
        const own = model.create({ train: EDGES, kernels, seed: 1, batchSize: 4 }, { dimensions: 4 })
        own.parameters.embeddings.values.fill(value)
        const forbidden = residentPattern(memory, EDGES.byUser)
        const shared = { kernels, forbidden, batchSize: 4, perPositive: 1, seed: 1 }
        const step = createStep({
          ...{ kernels, model: own, batchSize: 4, negatives: 1, regularization: 1e-4 },
          sampler: createSampler(
            { part: 'mixgcf' },
            {
              ...shared,
              tables: own.tables,
              degrees: degreesOf(EDGES.byItem),
            },
          ),
          objective: createObjective(objective, {}, { ...shared, train: EDGES, dimensions: own.tables.dimensions }),
          optimizer: createAdam(own.parameters, 0.01, kernels),
        })
        const batch = {
          size: 3,
          users: memory.copy(Int32Array.of(0, 1, 3)),
          positives: memory.copy(Int32Array.of(1, 0, 2)),
        }
        const { loss } = step(batch, { epoch: 1, batch: 0 }, 1)
        expect(Number.isFinite(loss)).toBe(true)
        for (const { values } of Object.values(own.parameters)) expect(finite(values)).toBe(true)
      }
    },
  )
})
