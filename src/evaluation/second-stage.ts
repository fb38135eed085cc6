/** Fits the second stage of a ranking to validation data, and says what it is worth to users it was not fitted to. */
import { rowsOf } from '../dataset/histories.ts'
import { filledRows, has } from '../dataset/patterns.ts'
import { openTruth } from '../dataset/truth.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import type { Recommender } from '../models/recommender.ts'
import { tieRanks } from '../models/ties.ts'
import { ascending, placesWhere } from '../places.ts'
import { derive, randomStream, shuffle } from '../random.ts'
import { fitListwise, type LabelledLists } from '../ranking/listwise.ts'
import { head, POOL, type PoolTable, pickRows, rerank } from '../ranking/second-stage.ts'
import type { LinearScore } from '../statistics/linear.ts'
import { type EvaluationRequest, evaluate } from './evaluate.ts'

export const FOLDS = 5
const BLOCK_USERS = 512
const METRICS = { cutoffs: [20], metrics: ['recall', 'ndcg'] } as const

/** Plain JSON. */
export interface SecondStage {
  /** whether cross-fitted Recall@20 is above that of the first stage */
  readonly used: boolean
  /** that it goes by, by their names */
  readonly features: readonly string[]
  /** of the columns, along the weights */
  readonly names: readonly string[]
  readonly meanings: readonly string[]
  /** fitted to all users that were drawn */
  readonly score: LinearScore
  /** by fold of the users that it was *not* fitted to */
  readonly folds: readonly LinearScore[]
  /** users with a held-out item in their pool, whose lists the score was fitted to */
  readonly lists: number
  /** on validation: recall@20 and ndcg@20 of the first stage, and of the second where each user's score comes from the other folds */
  readonly first: Readonly<Record<string, number>>
  readonly second: Readonly<Record<string, number>>
}

/** `truth` is the validation data, never the test data. */
interface SecondStageRequest
  extends Pick<EvaluationRequest, 'truth' | 'histories' | 'seen' | 'seed' | 'signal' | 'progress'> {
  /** whose lists the fit takes, drawn by the seed */
  readonly mostUsers: number
}

/** The fold of a user. */
export function foldOf(seed: number, user: number): number {
  return randomStream(derive(seed, 'second stage', 'fold', user)).below(FOLDS)
}

export function fitSecondStage(
  first: Recommender,
  table: PoolTable,
  kernels: Kernels,
  request: SecondStageRequest,
): Omit<SecondStage, 'features'> {
  const { seed } = request
  const known = remembered(first, Math.min(POOL, first.items))
  const { lists, users } = drawLists(known, table, request)
  const folds = users.map(user => foldOf(seed, user))
  const score = fitListwise(lists, kernels)
  const scores = Array.from({ length: FOLDS }, (_, fold) =>
    fitListwise(
      selectLists(lists, list => folds[list] !== fold),
      kernels,
    ),
  )
  const cross = rerank(known, table, user => scores[foldOf(seed, user)])
  const firstMetrics = evaluate(known, { ...request, ...METRICS }).metrics
  const secondMetrics = evaluate(cross, { ...request, ...METRICS }).metrics
  return {
    used: secondMetrics['recall@20'] > firstMetrics['recall@20'],
    names: table.names,
    meanings: table.meanings,
    score,
    folds: scores,
    lists: users.length,
    first: firstMetrics,
    second: secondMetrics,
  }
}

/** Ranks each user once, to a depth: what is asked for later is at most that deep, of the same histories. */
function remembered(recommender: Recommender, depth: number): Recommender {
  const rows = new Map<number, { items: Int32Array; scores: Float32Array }>()
  return {
    ...recommender,
    recommend(request) {
      const missing = placesWhere(request.users!.length, row => !rows.has(request.users![row]))
      if (missing.length > 0) {
        const list = recommender.recommend({
          users: missing.map(row => request.users![row]),
          histories: rowsOf(request.histories, missing),
          seen: rowsOf(request.seen, missing),
          ...{ tieRank: request.tieRank, k: depth },
        })
        missing.forEach((row, at) => {
          const [begin, end] = [at * depth, (at + 1) * depth]
          rows.set(request.users![row], { items: list.items.slice(begin, end), scores: list.scores.slice(begin, end) })
        })
      }
      const count = request.users!.length
      const all = { k: depth, items: new Int32Array(count * depth), scores: new Float32Array(count * depth) }
      request.users!.forEach((user, row) => {
        const own = rows.get(user)!
        all.items.set(own.items, row * depth)
        all.scores.set(own.scores, row * depth)
      })
      return head(all, Math.min(depth, request.k))
    },
  }
}

/** The lists of users, drawn by the seed, that have a held-out item in their pool. */
function drawLists(
  first: Recommender,
  table: PoolTable,
  { truth: sealed, histories, seen, seed, mostUsers, signal }: SecondStageRequest,
): { lists: LabelledLists; users: Int32Array } {
  const truth = openTruth(sealed)
  const order = shuffle(filledRows(truth), derive(seed, 'second stage', 'users'))
  const tieRank = tieRanks(first.items, seed)
  const width = table.names.length
  const depth = Math.min(POOL, first.items)
  const builder = createLists(width)
  for (let begin = 0; begin < order.length && builder.users.length < mostUsers; begin += BLOCK_USERS) {
    signal?.throwIfAborted()
    const block = order.subarray(begin, begin + BLOCK_USERS)
    const own = { users: block, histories: rowsOf(histories, block), seen: rowsOf(seen, block), tieRank }
    const pool = first.recommend({ ...own, k: depth })
    const isPositive = (row: number, item: number) => item >= 0 && has(truth, block[row], item)
    const rows = Array.from(block.keys()).filter(row =>
      pool.items.subarray(row * depth, (row + 1) * depth).some(item => isPositive(row, item)),
    )
    const chosen = Int32Array.from(rows.slice(0, mostUsers - builder.users.length))
    const some = { users: chosen.map(row => block[row]), histories: rowsOf(own.histories, chosen) }
    const features = table.tabulate(some, pickRows(pool, chosen))
    chosen.forEach((row, at) => {
      const items = pool.items.subarray(row * depth, (row + 1) * depth)
      builder.add(block[row], items, features.subarray(at * depth * width), item => isPositive(row, item))
    })
  }
  return builder.finish()
}

function createLists(width: number) {
  const users: number[] = []
  const offsets = [0]
  const features: Float32Array[] = []
  const positive: number[] = []
  return {
    users,
    add(user: number, items: Int32Array, rows: Float32Array, isPositive: (item: number) => boolean) {
      const length = items.includes(-1) ? items.indexOf(-1) : items.length
      users.push(user)
      offsets.push(offsets[offsets.length - 1] + length)
      features.push(rows.slice(0, length * width))
      for (let place = 0; place < length; place++) positive.push(Number(isPositive(items[place])))
    },
    finish() {
      const joined = new Float32Array(positive.length * width)
      features.forEach((rows, list) => {
        joined.set(rows, offsets[list] * width)
      })
      return {
        users: Int32Array.from(users),
        lists: {
          columns: width,
          offsets: Int32Array.from(offsets),
          features: joined,
          positive: Int8Array.from(positive),
        },
      }
    },
  }
}

/** The lists that are wanted. */
function selectLists(
  { columns, offsets, features, positive }: LabelledLists,
  wanted: (list: number) => boolean,
): LabelledLists {
  const builder = createLists(columns)
  for (let list = 0; list + 1 < offsets.length; list++) {
    if (!wanted(list)) continue
    const [begin, end] = [offsets[list], offsets[list + 1]]
    const places = ascending(end - begin)
    builder.add(list, places, features.subarray(begin * columns), place => positive[begin + place] === 1)
  }
  return builder.finish().lists
}
