/**
 * `npm run bench`: the times a user waits for, each beside the figure it is meant to stay below. Sports when it lies
 * beside the project, else planted data of its size. Every case runs alone, after a warm-up where it can be repeated;
 * medians are quoted.
 */
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { formatTable } from '../src/cli/table.ts'
import { buildCsr, createDataset, createVocabulary } from '../src/dataset/dataset.ts'
import { loadSplit } from '../src/dataset/load.ts'
import { plantedData } from '../src/dataset/planted.ts'
import { createSplit, type Split } from '../src/dataset/split.ts'
import { evaluate } from '../src/evaluation/evaluate.ts'
import { seenAt } from '../src/evaluation/protocols.ts'
import { createKernels } from '../src/kernels/wasm.ts'
import { embeddingRecommender } from '../src/models/embeddings.ts'
import { models } from '../src/models/index.ts'
import type { BaselineDefinition, EmbeddingDefinition } from '../src/models/model.ts'
import { bpr } from '../src/objectives/bpr.ts'
import { train } from '../src/training/trainer.ts'
import { buildTrees, codesOf } from '../src/trees/build.ts'
import { version } from '../src/version.ts'

const SPORTS = '../shared/data/sports'

async function benchData(): Promise<{ name: string; split: Split }> {
  if (existsSync(SPORTS)) return { name: SPORTS, split: (await loadSplit(SPORTS)).split }
  const planted = plantedData({ users: 15_000, items: 8_400, levels: 5, likesPerUser: 17, shownShare: 0.7 })
  const ids = (count: number) => createVocabulary(Array.from({ length: count }, (_, id) => id))
  const dataset = createDataset(planted.train, ids(planted.users), ids(planted.items))
  const pattern = ({ users, items }: typeof planted.valid) =>
    buildCsr(users, items, planted.users, planted.items).pattern
  return {
    name: 'planted data of the size of Sports',
    split: createSplit(dataset, pattern(planted.valid), pattern(planted.test)),
  }
}

const { name, split } = await benchData()
const { train: data, test } = split
const kernels = createKernels()

async function seconds(body: () => unknown): Promise<number> {
  const start = performance.now()
  await body()
  return (performance.now() - start) / 1000
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]

/** Seconds of each epoch but the first, which warms up. */
async function epochTimes(model: string, sampler: string, epochs: number, codes?: ReturnType<typeof codesOf>) {
  const times: number[] = []
  let last = performance.now()
  const { embeddings } = await train({
    kernels,
    train: data,
    model: { definition: models.get(model) as EmbeddingDefinition },
    sampler: { sampler },
    objective: { definition: bpr },
    options: { epochs },
    seed: 1,
    ...(codes && { codes }),
    progress: ({ record }) => {
      if (!record) return
      times.push((performance.now() - last) / 1000)
      last = performance.now()
    },
  })
  return { embeddings, times: times.slice(1) }
}

const rows: string[][] = []
function row(what: string, values: readonly number[], limit: number): void {
  const cells = values.map(value => value.toFixed(2))
  rows.push([what, median(values).toFixed(2), `≤ ${limit}`, cells.join(' ')])
  process.stderr.write(`${what}: ${cells.join(' ')} s\n`)
}

const repeat = async (times: number, body: () => unknown) => {
  const all: number[] = []
  for (let run = 0; run < times; run++) all.push(await seconds(body))
  return all
}

const base = await epochTimes('lightgcn', 'mixgcf', 4)
row('LightGCN + mixgcf, an epoch', base.times, 4)
const request = { train: data, itemVectors: base.embeddings.itemVectors, kernels, seed: 1 }
row('both index trees', await repeat(3, () => buildTrees(request)), 10)
const trees = await buildTrees(request)
row(
  'LightGCN + dual-tree over mixgcf, an epoch',
  (await epochTimes('lightgcn', 'dual-tree', 4, codesOf(trees))).times,
  4,
)
row('MF + mixgcf, an epoch', (await epochTimes('mf', 'mixgcf', 6)).times, 1)
const ranking = { truth: test, seen: seenAt('test', split), seed: 1, cutoffs: [50] }
const recommender = embeddingRecommender(base.embeddings, kernels)
row('full ranking of all test users, K = 50', (await repeat(4, () => evaluate(recommender, ranking))).slice(1), 2)
const ease = models.get('ease') as BaselineDefinition
row(
  'EASE, fitted',
  [await seconds(() => kernels.memory.scope(() => ease.fit({ train: data, kernels, seed: 1 }, {})))],
  60,
)

const cpu = cpus()
process.stdout.write(
  `dualtree ${version}, Node ${process.version}, ${cpu.length} × ${cpu[0].model}, one thread; ${name}, hash ${split.hash.slice(0, 12)}\n\n` +
    `${formatTable(['seconds', 'median', 'meant', 'all runs'], rows)}\n`,
)
