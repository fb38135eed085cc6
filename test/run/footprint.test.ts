import { describe, expect, it } from 'vitest'
import { buildCsr } from '../../src/dataset/csr.ts'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { plantedData } from '../../src/dataset/planted.ts'
import { sealTruth } from '../../src/dataset/truth.ts'
import { createValidation } from '../../src/evaluation/validation.ts'
import { features } from '../../src/features/index.ts'
import { featureBytes, learnFeatures, openFeatures } from '../../src/features/table.ts'
import { MEMORY_LIMIT } from '../../src/kernels/memory.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { models } from '../../src/models/index.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { checkFootprint, describeFootprint, estimateFootprint, trainingBytes } from '../../src/run/footprint.ts'
import { planUntil } from '../../src/run/needed.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import type { RunTarget } from '../../src/run/request.ts'
import { train } from '../../src/training/trainer.ts'
import { timed } from '../support/toy.ts'

const planted = plantedData({ users: 2000, items: 900, levels: 3, likesPerUser: 20 })
const ids = (count: number) => createVocabulary(Array.from({ length: count }, (_, id) => id))
const data = createDataset(planted.train, ids(planted.users), ids(planted.items))
const valid = buildCsr(planted.valid.users, planted.valid.items, data.users, data.items).pattern

describe('the estimate of memory', () => {
  it.each([
    { model: 'mf', dimensions: 64 },
    { model: 'mf', dimensions: 64, optimizer: 'adagrad' },
    { model: 'mf', dimensions: 64, side: 384 },
    { model: 'lightgcn', dimensions: 64, layers: 3 },
    { model: 'lightgcn', dimensions: 128, layers: 2, batchSize: 1024, itemGraphWeight: 1 },
    { model: 'ngcf', dimensions: 32, layers: 2, batchSize: 1024 },
    { model: 'neumf', dimensions: 32, batchSize: 256 },
    { model: 'mf', dimensions: 64, batchSize: 512, baseSampler: 'srns' },
    { model: 'mf', dimensions: 64, batchSize: 512, baseSampler: 'dens' },
    { model: 'lightgcn', dimensions: 32, layers: 2, batchSize: 512, baseSampler: 'ans' },
  ])('is within 15 % of what training takes in the kernels: %o', async ({ side = 0, ...options }) => {
    const plan = planRun({ ...options, baselines: [], sampler: 'mixgcf', candidatesPerUser: 1 })
    const kernels = createKernels()
    await train({
      kernels,
      train: data,
      model: { part: models.get(options.model), options: plan.model.options },
      sampler: { part: plan.baseSampler.name, options: plan.baseSampler.options },
      objective: { part: bpr },
      options: { ...plan.training, epochs: 1 },
      seed: 1,
      ...(side > 0 && { sideItems: { dimensions: side, values: new Float32Array(data.items * side) } }),
      validate: createValidation(kernels, { truth: sealTruth(valid, data.items), seen: data.byUser, seed: 1 }),
    })
    const { kernelBytes } = estimateFootprint(data, plan, false, side)
    const measured = kernels.memory.usage.peakBytes
    expect(kernelBytes / measured).toBeGreaterThan(0.85)
    expect(kernelBytes / measured).toBeLessThan(1.15)
  })

  it('counts vectors of users in ordinary memory where those of all are too many for the kernels', () => {
    const sizes = { users: 10_000_000, items: 200_000, interactions: 50_000_000 }
    const plan = (options: object) => planRun({ baselines: [], model: 'mf', candidatesPerUser: 1, ...options })
    const [adam, adagrad, remembering] = [plan({}), plan({ optimizer: 'adagrad' }), plan({ baseSampler: 'srns' })]
    expect(trainingBytes(sizes, adam)).toBeLessThan(1e9)
    expect(trainingBytes(sizes, adagrad)).toBeLessThan(1e9)
    expect(trainingBytes(sizes, remembering)).toBeGreaterThan(MEMORY_LIMIT)
    expect(trainingBytes({ ...sizes, users: 2_000_000 }, adam)).toBeGreaterThan(2e9)
    const perUser = (estimateFootprint(sizes, adam).bytes - estimateFootprint(sizes, adagrad).bytes) / sizes.users
    expect(perUser).toBeCloseTo(4 * (2 * 64 - 1), 6)
  })

  it('counts what a sampler keeps of its own, alone and under dual-tree', () => {
    const sizes = { users: 10_000, items: 8000, interactions: 100_000 }
    const of = (options: object) => estimateFootprint(sizes, planRun({ baselines: [], ...options })).kernelBytes
    const snapshots = 5 * 4 * 18_000 * 64
    expect(of({ baseSampler: 'srns' }) - of({})).toBeGreaterThan(snapshots)
    expect(of({ sampler: 'dual-tree', base: 'srns' }) - of({})).toBeGreaterThan(snapshots)
    expect(of({ baseSampler: 'dens', candidateNegatives: 100 }) - of({ candidateNegatives: 100 })).toBeGreaterThan(
      8 * 2048 * 100 * 64,
    )
  })

  it('is at least what features take in the kernels while they are learned and opened, at most twice that', () => {
    const kernels = createKernels()
    const order = timed(data, 'position')
    const names = ['co-interaction', 'cosine', 'ordered-walk', 'next-items', 'vectors', 'spectral', 'popularity']
    const definitions = names.map(name => features.get(name))
    const embeddings = { dimensions: 64, itemVectors: new Float32Array(data.items * 64) }
    kernels.memory.scope(() => {
      openFeatures(learnFeatures(definitions, { train: order, kernels, seed: 1, embeddings }), kernels, data.items)
    })
    const estimate = featureBytes(definitions, data, 64)
    expect(estimate / kernels.memory.usage.peakBytes).toBeGreaterThan(1)
    expect(estimate / kernels.memory.usage.peakBytes).toBeLessThan(2)
  })

  it('counts trees, candidates and a second trained model where the rows of the run need them', () => {
    const sizes = { users: 10_000, items: 8000, interactions: 100_000 }
    const of = (options: object) => estimateFootprint(sizes, planRun({ baselines: [], ...options })).bytes
    const [whole, base] = [of({}), of({ final: 'base' })]
    const [vectors, candidates, trees] = [2 * 2 * 4 * 18_000 * 64, 170 * 10_000 * 20, 12 * 8000 * 33]
    expect(whole - base).toBe(vectors + candidates + trees)
    expect(of({ final: 'base', compare: ['dual-tree'] }) - base).toBe(vectors + trees)
    expect(of({ rerank: 'prefix' }) - of({ final: 'base', rerank: 'prefix' })).toBe(vectors)
  })

  it('counts for the command of a stage only what that makes', () => {
    const sizes = { users: 10_000, items: 8000, interactions: 100_000 }
    const plan = planRun({ baselines: ['ease'], fuseWith: 'item-knn', rerank: 'learned', compare: ['dns'] })
    const of = (until: RunTarget) => estimateFootprint(sizes, planUntil(plan, until))
    const alone = estimateFootprint(sizes, planRun({ baselines: [], final: 'base', refit: 'none' }))
    expect(of('train')).toEqual(alone)
    const [vectors, candidates, trees] = [2 * 4 * 18_000 * 64, 170 * 10_000 * 20, 12 * 8000 * 33]
    expect(of('judge').bytes - alone.bytes).toBe(vectors + candidates + trees)
    expect(of('base').kernelBytes).toBeGreaterThan(4 * 8000 ** 2)
    expect(of('evaluate').bytes - of('base').bytes).toBeGreaterThan(vectors + candidates + trees)
  })

  it('counts the features of a second stage and of the learned judge', () => {
    const sizes = { users: 10_000, items: 8000, interactions: 100_000 }
    const of = (options: object) => estimateFootprint(sizes, planRun({ baselines: [], model: 'mf', ...options }))
    const [plain, learned, byJudge] = [of({}), of({ rerank: 'learned' }), of({ rerank: 'prefix' })]
    expect(learned.bytes - byJudge.bytes).toBeGreaterThan(50e6)
    expect(byJudge.bytes - plain.bytes).toBeGreaterThan(90e6)
    expect(of({ judge: 'learned' }).bytes - plain.bytes).toBeGreaterThan(90e6)
  })

  it('counts what a baseline says that it keeps, and the largest of several', () => {
    const sizes = { users: 10_000, items: 8000, interactions: 100_000 }
    const of = (names: string[], options = {}) =>
      estimateFootprint(sizes, planRun({ baselines: names, ...options }), true).kernelBytes
    const knn = baselines.get('item-knn').footprint!(sizes, { neighbors: 50 })
    expect(knn).toBe(8 * 8000 * 50 + 8 * 100_000)
    expect(of(['item-knn'], { itemKnnNeighbors: 50 }) - of(['popularity'])).toBe(knn)
    const ease = baselines.get('ease').footprint!(sizes, {})
    expect(of(['popularity', 'item-knn', 'ease'], { itemKnnNeighbors: 50 }) - of(['popularity'])).toBe(ease)
    expect(baselines.get('ease').footprint!(sizes, { maxItems: 7999 })).toBe(0)
  })

  it("counts EASE's matrix where it is fitted", () => {
    const sizes = { users: 10_000, items: 8000, interactions: 100_000 }
    const without = estimateFootprint(sizes, planRun({ baselines: ['popularity'] }), true)
    const ease = estimateFootprint(sizes, planRun({ baselines: ['ease'] }), true)
    expect(ease.kernelBytes).toBeGreaterThan(4 * 8000 ** 2)
    expect(without.kernelBytes).toBeLessThan(20e6)
    const tooMany = { ...sizes, items: 30_000 }
    expect(estimateFootprint(tooMany, planRun({ baselines: ['ease'] }), true).kernelBytes).toBeLessThan(20e6)
  })

  it('stops a run that cannot fit, with the figures and what to change', () => {
    const sizes = { users: 9_000_000, items: 1_000_000, interactions: 100_000_000 }
    const estimate = estimateFootprint(sizes, planRun({ baselines: [] }))
    expect(() => checkFootprint(estimate, sizes, 1e15)).toThrow(
      /^too large for this machine: the kernels would need \d+\.\d GB, and wasm32 addresses 4\.29 GB \(9000000 users, 1000000 items, 100000000 interactions\); use fewer dimensions or layers, a larger --k-core, or --model mf, which needs least: with samplers such as dns or mixgcf it holds no vectors of users in the kernels’ memory, and --optimizer adagrad needs a third of what adam does for them$/,
    )
    const small = { users: 100, items: 100, interactions: 1000 }
    const need = estimateFootprint(small, planRun({ baselines: [] }))
    expect(() => checkFootprint(need, small, 1e8)).toThrow(
      `too large for this machine: this needs ${describeFootprint(need)}, and there are 100 MB`,
    )
    expect(() => checkFootprint(need, small, 1e10)).not.toThrow()
  })
})
