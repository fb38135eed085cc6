/**
 * How much memory a run will need, from the sizes of its data and its options, so that one that cannot fit says so
 * before it starts. An estimate: docs/reference/memory.md has its main terms, and how near it came to measured runs.
 */
import { sharedBytes } from '../dataset/cooccurrence.ts'
import type { DataSizes } from '../dataset/dataset.ts'
import { RunError } from '../errors.ts'
import { BLOCK_USERS } from '../evaluation/evaluate.ts'
import { features } from '../features/index.ts'
import { featureBytes } from '../features/table.ts'
import { MEMORY_LIMIT } from '../kernels/memory.ts'
import { SCORE_BLOCK } from '../models/baselines/baseline.ts'
import { baselines } from '../models/baselines/index.ts'
import { graphFootprint } from '../models/graph.ts'
import { models } from '../models/index.ts'
import { sideBytes } from '../models/side-vectors.ts'
import { bytes as formatBytes } from '../numbers.ts'
import { objectives } from '../objectives/index.ts'
import { rankingFeatures } from '../ranking/reranked.ts'
import { POOL } from '../ranking/second-stage.ts'
import { samplers } from '../samplers/index.ts'
import { areByBatch, tableBytes } from '../training/outside-users.ts'
import { neededUntil } from './needed.ts'
import type { PartChoice, RunPlan } from './options/plan.ts'

export interface Footprint {
  /** the most that the process will use, in bytes */
  readonly bytes: number
  /** of that, what the kernels' own memory will hold; wasm32 addresses 4 GiB of it */
  readonly kernelBytes: number
}

/** Node, the program, and DuckDB with its bounded cache. */
const PROGRAM = 280e6
/** An external id in both directions. */
const ID_BYTES = 120
/** A candidate and its verdict, as columns and while they are written as a table. */
const CANDIDATE_BYTES = 170
/** Columns of all features where there is order, their roots among them: without it they are a third. */
const COLUMNS = 60

/**
 * @param baselinesOnly nothing is trained
 * @param sideLength numbers in each of the side vectors; 0 for none
 */
export function estimateFootprint(sizes: DataSizes, plan: RunPlan, baselinesOnly = false, sideLength = 0): Footprint {
  const side = sideLength && sideBytes(sizes, dimensionsOf(plan), sideLength)
  const needed = neededUntil(plan)
  const shared = needed === 'train' ? 0 : treeBytes(sizes, plan)
  const training = baselinesOnly ? 0 : Math.max(trainingBytes(sizes, plan, sideLength) + side, shared)
  const ranking = baselinesOnly ? { kernel: 0, heap: 0 } : rankingBytes(sizes, plan)
  const kernelBytes = Math.max(training, fittedBytes(sizes, fittedBaselines(plan)), ranking.kernel)
  const { users, items, interactions } = sizes
  const nodes = users + items
  const { candidatesPerUser, seeds } = plan.run
  const { vectorLength = dimensionsOf(plan), hops } = modelFootprint(sizes, plan)
  // models of several hops keep what folding a history in takes
  const vectors = 4 * nodes * vectorLength * (hops > 1 ? 2 : 1)
  const { historyAtTest, refit, evaluateOn } = plan.run
  const twice = evaluateOn === 'test' && historyAtTest === 'observed' && refit === 'all'
  const methods = 1 + plan.compare.length + Number(needed === 'evaluate')
  const trained = baselinesOnly ? 0 : seeds * methods * (twice ? 2 : 1) + 1
  const dataset = 8 * interactions + (8 + ID_BYTES) * nodes
  // the order of an epoch, the row of each entry, and the pairs of a data set with positives
  const working = 16 * interactions
  // the lists that a fusion chooses its shares from
  const fused = plan.fusion ? 16 * users * plan.fusion.depth : 0
  const heap =
    dataset +
    working +
    fused +
    ranking.heap +
    fittedHeapBytes(sizes, plan) +
    (baselinesOnly || sideLength ? 0 : outsideBytes(sizes, plan)) +
    CANDIDATE_BYTES * users * candidatesPerUser * Number(!baselinesOnly && needed !== 'train' && needed !== 'trees')
  // the eigenvectors that are kept, in f64 and in f32
  const trees = needed === 'train' ? 0 : 12 * items * (plan.trees.eigenvectors + 1)
  const rest = vectors * trained + trees
  return { bytes: PROGRAM + heap + rest + kernelBytes, kernelBytes }
}

function modelFootprint(sizes: DataSizes, plan: RunPlan) {
  return (
    models.get(plan.model.name).footprint?.(sizes, plan.model.options) ?? graphFootprint(sizes, dimensionsOf(plan), 3)
  )
}

/** Whether the vectors of users lie outside of kernel memory while any model of the run is trained. */
function usersOutside(sizes: DataSizes, plan: RunPlan): boolean {
  const objective = objectives.get(plan.objective.name)
  const byBatch = [plan.baseSampler, plan.sampler, ...plan.compare].every(({ name: part, options }) =>
    areByBatch({ model: models.get(plan.model.name), sampler: { part, options }, objective }),
  )
  const { regularized, regularization } = plan.training
  if (regularized === 'all' && regularization > 0) return false
  return byBatch && tableBytes(sizes, dimensionsOf(plan), plan.training.optimizer) > MEMORY_LIMIT
}

/** In ordinary memory: vectors, what the optimizer remembers of them, and the rows of a batch. */
function outsideBytes(sizes: DataSizes, plan: RunPlan): number {
  if (!usersOutside(sizes, plan)) return 0
  const length = dimensionsOf(plan)
  return 4 * sizes.users * ((plan.training.optimizer === 'adam' ? 3 * length : length + 1) + 1)
}

/** What `train` holds in kernel memory; the ranking of its validation too, unless it has none. */
export function trainingBytes(given: DataSizes, plan: RunPlan, sideLength = 0, validates = true): number {
  const { batchSize, negatives, optimizer } = plan.training
  const outside = sideLength === 0 && usersOutside(given, plan)
  const sizes = { ...given, users: outside ? Math.min(given.users, batchSize) : given.users }
  const { users, items } = sizes
  const { interactions } = given
  const nodes = users + items
  const model = modelFootprint(sizes, plan)
  const { hops } = model
  const vectorLength = model.vectorLength ?? dimensionsOf(plan)
  const table = 4 * nodes * vectorLength
  const drawn = Math.max(
    ...[plan.baseSampler, plan.sampler].map(({ options }) => Number(options.candidateNegatives ?? 1)),
  )
  const batch = 4 * batchSize * (vectorLength + negatives * (drawn * (1 + hops) + 6 * hops) + 8)
  const judged = 4 * users * plan.run.candidatesPerUser
  const forbidden = 4 * (interactions * (users / given.users) + users) + judged
  const epoch = 4 * interactions
  const sampling = Math.max(
    ...[plan.baseSampler, plan.sampler, ...plan.compare].map(own => samplerBytes(sizes, plan, own, hops, vectorLength)),
  )
  // what the users of a block have seen
  const seen = interactions * Math.min(1, BLOCK_USERS / given.users)
  const ranking = validates ? 4 * (items * vectorLength + seen + nodes) : 0
  const remembered = optimizer === 'adam' ? 2 * table : 4 * nodes
  return model.bytes + remembered + 10 * nodes + batch + sampling + forbidden + epoch + ranking
}

/** What a sampler keeps of its own; a decorator that of its base. */
function samplerBytes(
  { users, items }: DataSizes,
  plan: RunPlan,
  { name, options }: PartChoice,
  hops: number,
  dimensions: number,
): number {
  const part = samplers.get(String(options.base ?? name))
  if (part.kind !== 'scoring' || !part.footprint) return 0
  const known = Object.entries(options).filter(([option]) => option in part.options.shape)
  const { batchSize, negatives: perPositive } = plan.training
  const sizes = { users, items, dimensions, hops, batchSize, perPositive }
  return part.footprint(sizes, Object.fromEntries(known))
}

/** The items that share users, and of the block of vectors in `eigen.ts` two in f64 and three in f32. */
export function treeBytes(sizes: DataSizes, { trees }: RunPlan): number {
  const columns = Math.ceil((1.25 * (trees.eigenvectors + 1)) / 16) * 16
  return sharedBytes(sizes) + 28 * sizes.items * columns
}

const fittedBaselines = ({ baselines, proposer, fusion }: RunPlan) => [
  ...baselines,
  ...(proposer ? [proposer] : []),
  ...(fusion ? [fusion.baseline] : []),
]

/** What the largest of the baselines keeps in ordinary memory. */
const fittedHeapBytes = (sizes: DataSizes, plan: RunPlan) =>
  Math.max(
    0,
    ...fittedBaselines(plan).map(({ name, options }) => baselines.get(name).heapFootprint?.(sizes, options) ?? 0),
  )

/** A block of scores, and what the largest of the baselines keeps. */
function fittedBytes(sizes: DataSizes, fitted: readonly PartChoice[]): number {
  const kept = fitted.map(({ name, options }) => baselines.get(name).footprint?.(sizes, options) ?? 0)
  return fitted.length === 0 ? 0 : SCORE_BLOCK + Math.max(...kept)
}

/** What features take: in the second stage, which has the fused model beside it, and for the learned judge. */
function rankingBytes(sizes: DataSizes, plan: RunPlan): { kernel: number; heap: number } {
  const { rerank, rerankConsult, rerankUsers, candidatesPerUser } = plan.run
  const { users, items } = sizes
  const dimensions = dimensionsOf(plan)
  const bytesOf = (names: readonly string[]) => featureBytes(names.map(features.get, features), sizes, dimensions)
  // features as they are, and the lists that are fitted to as kernels take them
  const table = 4 * Math.min(rerankUsers, users) * POOL * COLUMNS
  const stage =
    rerank === 'none'
      ? { kernel: 0, heap: 0 }
      : {
          kernel:
            fittedBytes(sizes, plan.fusion ? [plan.fusion.baseline] : []) +
            4 * (users + items) * dimensions +
            bytesOf(rankingFeatures(rerank === 'learned' ? 'learned' : 'judge', rerankConsult !== 'none')) +
            table,
          // the lists, those of a fold, and the first places of every user
          heap: 2 * table + 8 * POOL * users,
        }
  const evidence = plan.judge.name === 'learned' ? (plan.judge.options.evidence as string[]) : []
  const judged = evidence.length > 0 ? 8 * users * candidatesPerUser * COLUMNS : 0
  return { kernel: Math.max(stage.kernel, bytesOf(evidence)), heap: Math.max(stage.heap, judged) }
}

const dimensionsOf = ({ model }: RunPlan) => Number(model.options.dimensions)

/** "about 1.2 GB of memory, 0.8 GB of them for the kernels" */
export function describeFootprint({ bytes, kernelBytes }: Footprint): string {
  return `about ${formatBytes(bytes)} of memory, ${formatBytes(kernelBytes)} of it for the kernels`
}

/**
 * @param available bytes that the process may use
 * @throws RunError when the estimate exceeds it or what the kernels can address, with what to change
 */
export function checkFootprint(estimate: Footprint, { users, items, interactions }: DataSizes, available: number) {
  const { bytes, kernelBytes } = estimate
  const reason =
    kernelBytes > MEMORY_LIMIT
      ? `the kernels would need ${formatBytes(kernelBytes)}, and wasm32 addresses ${formatBytes(MEMORY_LIMIT)}`
      : bytes > available
        ? `this needs ${describeFootprint(estimate)}, and there are ${formatBytes(available)}`
        : undefined
  if (reason)
    throw new RunError(
      `too large for this machine: ${reason} (${users} users, ${items} items, ${interactions} interactions); ` +
        'use fewer dimensions or layers, a larger --k-core, or --model mf, which needs least: with samplers such as dns or mixgcf ' +
        'it holds no vectors of users in the kernels’ memory, and --optimizer adagrad needs a third of what adam does for them',
    )
}
