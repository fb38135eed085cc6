/** What Spark's workers pipe users through: a line per user in, a line with what is ranked, or how well, out. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { patternOfRows } from '../dataset/patterns.ts'
import { DataError } from '../errors.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { withKernels } from '../kernels/wasm/wasm.ts'
import { metrics } from '../metrics/index.ts'
import type { UserMetric } from '../metrics/metric.ts'
import { recommendByNeighbors } from '../models/baselines/item-knn.ts'
import { embeddingRecommender } from '../models/embeddings.ts'
import type { Recommender } from '../models/recommender.ts'
import { openWeights } from '../models/rows.ts'
import { decodeTensors } from '../models/safetensors.ts'
import { tieRanks } from '../models/ties.ts'

/** A line: items in internal ids, ascending. */
interface UserLine {
  readonly u: number
  readonly history: readonly number[]
  /** what must not be recommended; the history when absent */
  readonly seen?: readonly number[]
  /** to be found again: the answer is then metrics in place of a list */
  readonly heldOut?: readonly number[]
}

export interface PipeRequest {
  /** safetensors with an item graph (`weight_offsets`, `weight_items`, `weights`) or `item_vectors` */
  readonly file: string
  readonly items: number
  readonly k: number
  /** orders equal scores */
  readonly seed: number
}

/** Users ranked at a time: their scores of all items take 256 MB at most. */
const blockOf = (items: number) => Math.max(1, Math.min(1024, Math.floor(2 ** 26 / items)))

/**
 * Ranks for the users of `input` until it ends, or until nobody reads `output` any more.
 * @throws DataError for a file without an item table, or a line that is no user
 */
export async function pipeUsers({ file, items, k, seed }: PipeRequest, input: Readable, output: Writable) {
  let closed = false
  // Spark closes the pipe when it has what it asked for, as take() does
  output.on('error', error => {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    closed = true
    input.destroy()
  })
  await withKernels(1, async kernels => {
    const recommender = await openItemTable(file, items, kernels)
    const tieRank = tieRanks(items, seed)
    const size = blockOf(items)
    let block: UserLine[] = []
    const flush = async () => {
      const text = rank(recommender, block, k, tieRank)
      block = []
      if (!closed && !output.write(text)) await Promise.race([once(output, 'drain'), once(output, 'close')])
    }
    let line = 0
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++
      if (closed) break
      block.push(parseLine(text, line))
      if (block.length === size) await flush()
    }
    if (block.length > 0 && !closed) await flush()
  })
}

function parseLine(text: string, line: number): UserLine {
  try {
    const user = JSON.parse(text) as UserLine
    if (Number.isInteger(user.u) && Array.isArray(user.history)) return user
  } catch {}
  throw new DataError(`line ${line}: expected a user such as {"u": 7, "history": [1, 5]}, found ${text.slice(0, 80)}`)
}

async function openItemTable(file: string, items: number, kernels: Kernels): Promise<Recommender> {
  const { tensors, metadata } = decodeTensors(await readFile(file), file)
  const { weight_offsets: offsets, weight_items: indices, weights, item_vectors: vectors } = tensors
  if (offsets && indices && weights) {
    const tensor = (name: string) => tensors[name].values
    return recommendByNeighbors(kernels, { users: 0, items }, openWeights({ kernels, tensor }))
  }
  if (!vectors)
    throw new DataError(`${file}: expected tensors "weight_offsets", "weight_items" and "weights", or "item_vectors"`)
  const [itemVectors, dimensions] = [vectors.values as Float32Array, vectors.shape[1]]
  const [unobservedWeight, regularization] = [Number(metadata.unobservedWeight), Number(metadata.regularization)]
  const nobody = { users: 0, userVectors: new Float32Array(0), byUser: patternOfRows([]) }
  const ridge = { unobservedWeight, regularization, regularizeUnobserved: 0 }
  const embeddings = { ...nobody, items, dimensions, itemVectors, ridge }
  return embeddingRecommender(embeddings, kernels, nobody)
}

function rank(recommender: Recommender, users: readonly UserLine[], k: number, tieRank: Int32Array): string {
  const histories = patternOfRows(users.map(({ history }) => history))
  const seen = patternOfRows(users.map(({ history, seen }) => seen ?? history))
  const ranked = recommender.recommend({ histories, seen, k, tieRank })
  const lines = users.map(({ u, heldOut }, row) => {
    const list = Array.from(ranked.items.subarray(row * k, (row + 1) * k))
    const length = list.indexOf(-1) < 0 ? k : list.indexOf(-1)
    if (!heldOut) {
      const scores = Array.from(ranked.scores.subarray(row * k, row * k + length))
      return JSON.stringify({ u, items: list.slice(0, length), scores })
    }
    const truth = new Set(heldOut)
    const hits = Uint8Array.from(list, item => Number(truth.has(item)))
    const value = (name: string) => (metrics.get(name) as UserMetric).value({ k, hits, truth: truth.size })
    return JSON.stringify({ u, recall: value('recall'), ndcg: value('ndcg') })
  })
  return `${lines.join('\n')}\n`
}
