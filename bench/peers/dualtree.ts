/** Our side of a row of `npm run bench:peers`, in a process of its own: WORK FOLDER OUT, as the scripts of the peers take them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { buildCsr } from '../../src/dataset/csr.ts'
import { createDataset, createVocabulary, type Dataset } from '../../src/dataset/dataset.ts'
import { historiesOf } from '../../src/dataset/histories.ts'
import { sealTruth } from '../../src/dataset/truth.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { embeddingRecommender } from '../../src/models/embeddings.ts'
import { models } from '../../src/models/index.ts'
import type { Recommender } from '../../src/models/recommender.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import type { TrainingOptions } from '../../src/training/options.ts'
import { train } from '../../src/training/trainer.ts'
import { K, type PeerOutcome, QUALITY, type Work } from './work.ts'

const [work, folder, out] = process.argv.slice(2) as [Work, string, string]
const kernels = createKernels({ threads: 1 })

/** Processor time so far. */
function spent(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function load(): Dataset {
  const [users, items] = JSON.parse(readFileSync(`${folder}/sizes.json`, 'utf8'))
  const ids = (count: number) => createVocabulary(Array.from({ length: count }, (_, id) => id))
  return createDataset(pairsOf('train'), ids(users), ids(items))
}

function pairsOf(part: 'train' | 'valid') {
  const bytes = readFileSync(`${folder}/${part}.bin`)
  const pairs = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  const column = (at: number) => Int32Array.from({ length: pairs.length / 2 }, (_, row) => pairs[2 * row + at])
  return { users: column(0), items: column(1) }
}

function rank(recommender: Recommender, data: Dataset): Int32Array {
  const users = Int32Array.from({ length: data.users }, (_, user) => user)
  const request = { users, histories: historiesOf(data), seen: data.byUser, k: K, tieRank: tieRanks(data.items, 1) }
  return recommender.recommend(request).items
}

/** Trains, and takes the median epoch. */
async function trained(data: Dataset, options: Partial<TrainingOptions>, model = 'mf') {
  const seconds: number[] = []
  let before = spent()
  const { embeddings } = await train({
    ...{ kernels, train: data, seed: 1, model: { part: models.get(model) }, sampler: 'uniform' },
    ...{ objective: { part: bpr }, options },
    progress({ record }) {
      if (!record) return
      seconds.push(spent() - before)
      before = spent()
    },
  })
  const epoch = seconds.sort((a, b) => a - b)[seconds.length >> 1]
  return { seconds: epoch, lists: rank(embeddingRecommender(embeddings, kernels, data), data) }
}

/** Trains until the lists are good enough on validation; looking at them does not count. */
async function trainedUntilGood(data: Dataset, options: Partial<TrainingOptions>): Promise<PeerOutcome> {
  const held = pairsOf('valid')
  const { pattern } = buildCsr(held.users, held.items, data.users, data.items)
  const request = { truth: sealTruth(pattern, data.items), histories: historiesOf(data), seen: data.byUser, seed: 1 }
  const stop = new AbortController()
  let seconds = 0
  let since = spent()
  let lists: Int32Array | undefined
  const trained = train({
    ...{ kernels, train: data, seed: 1, model: { part: models.get('mf') }, sampler: 'uniform' },
    ...{ objective: { part: bpr }, options: { ...options, epochs: 300, patience: 300 }, signal: stop.signal },
    validate({ dimensions, users, items, ...vectors }) {
      seconds += spent() - since
      const [userVectors, itemVectors] = [vectors.userVectors, vectors.itemVectors].map(own => Float32Array.from(own))
      const ndcg = kernels.memory.scope(() => {
        const recommender = embeddingRecommender({ dimensions, users, items, userVectors, itemVectors }, kernels, data)
        const { metrics } = evaluate(recommender, { ...request, cutoffs: [K], metrics: ['ndcg'] })
        if (metrics[`ndcg@${K}`] >= QUALITY) lists = rank(recommender, data)
        return metrics[`ndcg@${K}`]
      })
      if (lists) stop.abort(new Error('good enough'))
      since = spent()
      return ndcg
    },
  })
  await trained.catch(error => {
    if (!stop.signal.aborted) throw error
  })
  if (!lists) throw new Error('300 epochs did not reach that quality')
  return { seconds, lists }
}

function fitted(data: Dataset, name: string, options: Readonly<Record<string, unknown>>, passes = 1) {
  const before = spent()
  const recommender = baselines.get(name).fit({ train: data, kernels, seed: 1 }, options)
  const after = spent()
  const lists = rank(recommender, data)
  return { seconds: (after - before) / passes, lists, ranking: spent() - after }
}

const works: Readonly<Record<Work, (data: Dataset) => Promise<PeerOutcome> | PeerOutcome>> = {
  bpr: data => trained(data, { epochs: 40, learningRate: 0.003 }),
  lightgcn: data => trained(data, { epochs: 3, batchSize: 2048, learningRate: 0.003 }, 'lightgcn'),
  'bpr-quality': data => trainedUntilGood(data, { learningRate: 0.003, validateEvery: 1 }),
  ials: data => fitted(data, 'ials', { epochs: 16, dimensions: 64 }, 16),
  'item-knn': data => fitted(data, 'item-knn', { neighbors: 20 }),
  ease: data => fitted(data, 'ease', { regularization: 100 }),
  recommend(data) {
    const { ranking, lists } = fitted(data, 'item-knn', { neighbors: 20 })
    return { seconds: ranking, lists }
  },
}

const { seconds, lists } = await works[work](load())
if (lists) writeFileSync(out, lists)
process.stdout.write(`${JSON.stringify({ seconds })}\n`)
kernels.close()
