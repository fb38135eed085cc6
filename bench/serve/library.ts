/** What the library takes to open a model and to answer one request, without HTTP. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDataset, createVocabulary, type Dataset } from '../../src/dataset/dataset.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { embeddingRecommender } from '../../src/models/embeddings.ts'
import { derive, randomStream } from '../../src/random.ts'
import type { RecommendRequest } from '../../src/serving/answers/schema.ts'
import { contentOf } from '../../src/serving/model/content.ts'
import { writeModelFolder } from '../../src/serving/model/model-folder.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import type { ServingModel } from '../../src/serving/model/serving-model.ts'
import { watchOthers } from '../machine.ts'
import type { Figure } from './http.ts'

const [WARM, CALLS] = [2000, 5000]
const K = 20
export const D = 64

/** @param run directory with a fitted model */
export async function benchLibrary(run: string): Promise<Figure[]> {
  const figures = [...(await benchOpen(run, 'open the model of the run', 300))]
  const model = await openModel(run)
  const users = [...model.users()]
  const histories = users.map(user => model.historyOf(user)!)
  figures.push(
    ...benchCalls(model, 'known user', at => ({ user: users[at % users.length], k: K }), [0.3, 2]),
    ...benchCalls(model, 'history', at => ({ history: histories[at % histories.length], k: K }), [0.3, 2]),
  )
  model.close()
  const directory = mkdtempSync(join(tmpdir(), 'dualtree-bench-'))
  try {
    const wide = await writeVectors(join(directory, 'wide'), 50_000)
    const large = await openModel(wide)
    const request = (at: number): RecommendRequest => ({ user: at % large.info.users, k: K })
    figures.push(...benchCalls(large, `known user of 50,000 items × ${D}`, request, [1.5, 5]))
    large.close()
    figures.push(
      ...(await benchOpen(
        await writeVectors(join(directory, 'million'), 1_000_000),
        `open 1,000,000 items × ${D}`,
        1000,
      )),
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return figures
}

async function benchOpen(path: string, name: string, target: number): Promise<Figure[]> {
  const [times, cpu]: number[][] = [[], []]
  const others = watchOthers()
  for (let round = 0; round < 5; round++) {
    const [start, used] = [performance.now(), process.cpuUsage()]
    const model = await openModel(path)
    times.push(performance.now() - start)
    const { user, system } = process.cpuUsage(used)
    cpu.push((user + system) / 1000)
    model.recommend({ k: 1 })
    model.close()
  }
  const share = others()
  return [
    figure(`${name}, median`, quantile(times, 0.5), target, share),
    figure(`${name}, processor time`, quantile(cpu, 0.5), Number.NaN, share),
  ]
}

/** @param p50 and p99 as they are meant to be, NaN where nothing is said of them */
export function benchCalls(
  model: ServingModel,
  name: string,
  request: (at: number) => RecommendRequest,
  [p50, p99]: [number, number],
  calls = CALLS,
): Figure[] {
  // users in an order that no cache knows
  const asked = (at: number) => request((at * 7919) % 1_000_003)
  for (let at = 0; at < Math.min(WARM, calls); at++) model.recommend(asked(at))
  const others = watchOthers()
  const times = Array.from({ length: calls }, (_, at) => {
    const given = asked(at)
    const start = performance.now()
    model.recommend(given)
    return performance.now() - start
  })
  const share = others()
  return [
    figure(`${name}, k = ${K}, p50`, quantile(times, 0.5), p50, share),
    figure(`${name}, k = ${K}, p99`, quantile(times, 0.99), p99, share),
  ]
}

function figure(name: string, value: number, most: number, others: number): Figure {
  const isOpen = Number.isNaN(most)
  return { name, value, unit: 'ms', target: isOpen ? '' : `≤ ${most} ms`, reached: isOpen || value <= most, others }
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]
}

/** @returns [rows × D] */
function uniform(rows: number, seed: string): Float32Array {
  const random = randomStream(derive(1, 'bench', seed))
  return Float32Array.from({ length: rows * D }, () => random.uniform() - 0.5)
}

/** A model of vectors that a seed draws, for 1,000 users. */
export async function writeVectors(folder: string, items: number, table = uniform): Promise<string> {
  const users = 1000
  const random = randomStream(derive(1, 'bench'))
  const ids = (count: number) => createVocabulary(Array.from({ length: count }, (_, id) => id))
  const pairs = Array.from({ length: 10 * users }, (_, at) => ({ user: at % users, item: random.below(items) }))
  const data: Dataset = createDataset(
    { users: pairs.map(({ user }) => user), items: pairs.map(({ item }) => item) },
    ids(users),
    ids(items),
  )
  const vectors = {
    users,
    items,
    dimensions: D,
    userVectors: table(users, 'users'),
    itemVectors: table(items, 'items'),
  }
  const recommender = embeddingRecommender(vectors, createKernels(), data)
  const made = { method: 'vectors', fittedOn: 'all' as const, dataHash: '', seed: 1, metrics: {} }
  await writeModelFolder(folder, contentOf({ ...made, recommender, data }))
  return folder
}
