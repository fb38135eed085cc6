/** The times a user waits for: epochs, rankings, trees, baselines. */
import type { Split } from '../src/dataset/split.ts'
import { generateCandidates } from '../src/enhance/candidates.ts'
import { evaluate } from '../src/evaluation/evaluate.ts'
import { chooseShare } from '../src/evaluation/fusion-share.ts'
import { seenAt } from '../src/evaluation/protocols.ts'
import type { Kernels } from '../src/kernels/interface/kernels.ts'
import { metrics } from '../src/metrics/index.ts'
import { baselines } from '../src/models/baselines/index.ts'
import { type Embeddings, embeddingRecommender } from '../src/models/embeddings.ts'
import { models } from '../src/models/index.ts'
import type { Recommendations, Recommender } from '../src/models/recommender.ts'
import { bpr } from '../src/objectives/bpr.ts'
import { resampleMeans } from '../src/statistics/bootstrap.ts'
import { train } from '../src/training/trainer.ts'
import { buildTrees, codesOf, type ViewCodes } from '../src/trees/build.ts'
import { type Sample, sampleOften, startSample } from './measure.ts'

/** What stages start from, made once and by the first that needs it. */
export interface StageContext {
  readonly split: Split
  /** vectors of a LightGCN after a few epochs */
  embeddings(): Promise<Embeddings>
  codes(): Promise<ViewCodes>
}

export interface Stage {
  readonly group: 'epochs' | 'stages'
  readonly name: string
  /** seconds, with two threads on a quiet machine */
  readonly limit?: number
  measure(kernels: Kernels, context: StageContext): Promise<Sample[]>
}

const SEED = 1

export const stages: readonly Stage[] = [
  epochStage('LightGCN + mixgcf', 1.5, 'lightgcn', 'mixgcf', 3),
  epochStage('LightGCN + dual-tree over mixgcf', 1.5, 'lightgcn', 'dual-tree', 3),
  epochStage('MF + mixgcf', 0.25, 'mf', 'mixgcf', 5),
  {
    ...{ group: 'stages', name: 'full ranking of all test users, K = 50', limit: 0.5 },
    async measure(kernels, { split, embeddings }) {
      const ranking = { ...testRanking(split), cutoffs: [50] }
      const recommender = embeddingRecommender(await embeddings(), kernels, split.train)
      return (await sampleOften(() => evaluate(recommender, ranking), 6)).slice(1)
    },
  },
  {
    ...{ group: 'stages', name: 'candidates of all users, K = 20' },
    async measure(kernels, { split, embeddings }) {
      const recommender = embeddingRecommender(await embeddings(), kernels, split.train)
      const request = { recommender, train: split.train, seed: SEED }
      return (await sampleOften(() => generateCandidates(request), 4)).slice(1)
    },
  },
  {
    ...{ group: 'stages', name: 'both index trees', limit: 5 },
    async measure(kernels, { split, embeddings }) {
      const { itemVectors } = await embeddings()
      return sampleOften(() => buildTrees({ train: split.train, itemVectors, kernels, seed: SEED }), 3)
    },
  },
  {
    ...{ group: 'stages', name: 'all metrics of all test users, lists given' },
    async measure(kernels, { split }) {
      const recommender = givenLists(baselines.get('item-knn').fit({ train: split.train, kernels, seed: SEED }, {}))
      const request = { ...testRanking(split), cutoffs: [10, 20, 50], metrics: metrics.names, train: split.train }
      return (await sampleOften(() => evaluate(recommender, request), 8)).slice(2)
    },
  },
  {
    ...{ group: 'stages', name: 'share of two baselines chosen, lists given' },
    async measure(kernels, { split }) {
      const [first, second] = ['rp3beta', 'item-knn'].map(name =>
        givenLists(baselines.get(name).fit({ train: split.train, kernels, seed: SEED }, {})),
      )
      const parts = { kernels, first, second, depth: 100 }
      const request = { ...testRanking(split), truth: split.valid, seen: seenAt('valid', split) }
      return (await sampleOften(() => chooseShare(parts, request), 6)).slice(2)
    },
  },
  {
    ...{ group: 'stages', name: 'bootstrap of five rows, 2,000 samples' },
    measure(kernels, { split }) {
      const rows = Array.from({ length: 5 }, (_, row) => [
        Float64Array.from({ length: split.train.users }, (_, u) => (u % 7) / (row + 7)),
      ])
      return sampleOften(() => resampleMeans(rows, { seed: SEED, resamples: 2000 }, kernels), 4)
    },
  },
  baselineStage('item-knn, fitted and all test users ranked', undefined, 'item-knn', 3),
  baselineStage('EASE, fitted and all test users ranked', 25, 'ease', 1),
]

function testRanking(split: Split) {
  return { truth: split.test, histories: split.train.byUser, seen: seenAt('test', split), seed: SEED }
}

/** Ranks each block of users once, so that what comes after is measured. */
function givenLists(recommender: Recommender): Recommender {
  const known = new Map<number, Recommendations>()
  return {
    ...recommender,
    recommend(request) {
      const lists = known.get(request.users![0]) ?? recommender.recommend(request)
      known.set(request.users![0], lists)
      return lists
    },
  }
}

/** @param epochs that are timed, after one that warms up */
function epochStage(name: string, limit: number, model: string, sampler: string, epochs: number): Stage {
  return {
    ...{ group: 'epochs', name, limit },
    async measure(kernels, { split, codes }) {
      const needed = sampler === 'dual-tree' ? await codes() : undefined
      return (await trainEpochs(kernels, split, model, sampler, epochs + 1, needed)).samples.slice(1)
    },
  }
}

function baselineStage(name: string, limit: number | undefined, model: string, runs: number): Stage {
  return {
    ...{ group: 'stages', name, ...(limit && { limit }) },
    measure(kernels, { split }) {
      const ranking = { ...testRanking(split), cutoffs: [50] }
      const definition = baselines.get(model)
      const fitAndRank = () =>
        kernels.memory.scope(() => {
          evaluate(definition.fit({ train: split.train, kernels, seed: SEED }, {}), ranking)
        })
      return sampleOften(fitAndRank, runs)
    },
  }
}

/** Trains, and samples each epoch. */
export async function trainEpochs(
  kernels: Kernels,
  { train: data }: Split,
  model: string,
  sampler: string,
  epochs: number,
  codes?: ViewCodes,
): Promise<{ embeddings: Embeddings; samples: Sample[] }> {
  const samples: Sample[] = []
  let watch = startSample()
  const { embeddings } = await train({
    ...{ kernels, train: data, seed: SEED },
    model: { part: models.get(model) },
    sampler,
    objective: { part: bpr },
    options: { epochs },
    ...(codes && { codes }),
    progress({ record }) {
      if (!record) return
      samples.push(watch())
      watch = startSample()
    },
  })
  return { embeddings, samples }
}

/** @param kernels that the shared beginnings are made with */
export function createContext(split: Split, kernels: Kernels): StageContext {
  const embeddings = once(async () => (await trainEpochs(kernels, split, 'lightgcn', 'mixgcf', 4)).embeddings)
  const codes = once(async () => {
    const { itemVectors } = await embeddings()
    return codesOf(await buildTrees({ train: split.train, itemVectors, kernels, seed: SEED }))
  })
  return { split, embeddings, codes }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
