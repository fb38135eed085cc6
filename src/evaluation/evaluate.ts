/** Full ranking of every item for every user with something held out, and the metrics of the lists. */
import { z } from 'zod'
import { degreesOf } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { type Histories, historiesOf, overlaid, rowsOf } from '../dataset/histories.ts'
import { filledRows, union } from '../dataset/patterns.ts'
import { type HeldOut, openTruth, type Truth, truthShape } from '../dataset/truth.ts'
import { DataError, RunError, UsageError } from '../errors.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { metrics as registry } from '../metrics/index.ts'
import type { ListMetric, MetricDefinition, UserMetric } from '../metrics/metric.ts'
import type { Recommendations, Recommender } from '../models/recommender.ts'
import { tieRanks } from '../models/ties.ts'
import {
  callable,
  checkRequest,
  dataset,
  part,
  pattern,
  recommender as recommenderShape,
  seed as seedShape,
  signal as signalShape,
} from '../requests.ts'
import { mean } from '../statistics/moments.ts'
import { checkLists, emptyLists, hitPlaces } from './lists.ts'
import { assertHeldOut } from './observed.ts'

export interface EvaluationRequest {
  readonly truth: Truth
  /** of all users: what their rankings are made from, see `protocols.ts` */
  readonly histories: Histories
  /** user → items left out of the ranking: what was observed in the phases before, see `protocols.ts` */
  readonly seen: CsrPattern
  /** orders equal scores */
  readonly seed: number
  /** the K of each metric; 10, 20 and 50 when absent */
  readonly cutoffs?: readonly number[]
  /** names or values; recall and ndcg when absent */
  readonly metrics?: readonly (string | MetricDefinition)[]
  /** for metrics of whole lists (coverage, gini, novelty): whose items and popularity they refer to */
  readonly train?: Dataset
  /** returns the lists themselves too */
  readonly keepLists?: boolean
  readonly signal?: AbortSignal
  /** users done, of how many; after every block */
  readonly progress?: (done: number, total: number) => void
}

export const evaluationFields = {
  ...{ truth: truthShape, histories: pattern, seen: pattern, seed: seedShape, train: dataset.optional() },
  ...{ cutoffs: z.array(z.any()).optional(), metrics: z.array(part).optional(), keepLists: z.boolean().optional() },
  ...{ signal: signalShape.optional(), progress: callable.optional() },
} satisfies Record<keyof EvaluationRequest, z.ZodType>
const OF_RECOMMENDER = { recommender: recommenderShape }

export interface Evaluation {
  /** `recall@20` and so on; means over the evaluated users, in f64 */
  readonly metrics: Readonly<Record<string, number>>
  /** users with something held out */
  readonly users: number
  /** users without held-out items: excluded from the means */
  readonly excludedUsers: number
  readonly perUser: {
    /** ascending internal ids */
    readonly users: Int32Array
    /** along `users`; metrics of whole lists are not in it */
    readonly values: Readonly<Record<string, Float64Array>>
  }
  /** of the largest cut-off, along `perUser.users` */
  readonly lists?: Recommendations
}

/** Users ranked at a time: bounds memory, and is how often `signal` is looked at. */
export const BLOCK_USERS = 1024

/**
 * @throws UsageError for an unknown metric, a cut-off that is no positive integer, or a list metric without `train`;
 * DataError when nothing is held out or the truth belongs to other data; RunError when models may have been fitted on the
 * truth; whatever `signal` aborts with
 */
export function evaluate(recommender: Recommender, request: EvaluationRequest): Evaluation {
  checkRequest('evaluate', OF_RECOMMENDER, { recommender })
  checkRequest('evaluate', evaluationFields, request)
  const { keepLists } = request
  assertHeldOut(request.truth)
  const { userMetrics, listMetrics } = chooseMetrics(request)
  const cutoffs = checkedCutoffs(request.cutoffs ?? [10, 20, 50])
  const truth = truthFor(recommender, request.truth)
  checkRows(recommender, request)
  const users = filledRows(truth)
  if (users.length === 0)
    throw new DataError('nothing is held out, so there is nothing to evaluate; hold out a larger share')
  const k = Math.max(...cutoffs)
  const columns = emptyColumns(userMetrics, cutoffs, users.length)
  const lists = keepLists || listMetrics.length ? emptyLists(users.length, k) : undefined
  const marks = new Uint8Array(recommender.items)
  const valuesOf = createJudging(columns, k)

  rankInBlocks(recommender, request, truth, users, k, (ranked, begin) => {
    for (let row = 0; row < ranked.items.length / k; row++) {
      const heldOut = columnsOf(truth, users[begin + row])
      const places = hitPlaces(ranked.items.subarray(row * k, (row + 1) * k), heldOut, marks)
      const values = valuesOf(places, heldOut.length)
      columns.forEach((column, index) => {
        column.values[begin + row] = values[index]
      })
    }
    lists?.items.set(ranked.items, begin * k)
    lists?.scores.set(ranked.scores, begin * k)
  })

  const means = columns.map(({ name, values }) => [name, mean(values)] as const)
  const ofLists = lists && request.train ? describeLists(listMetrics, cutoffs, lists, request.train) : []
  const wrong = [...means, ...ofLists].find(([, value]) => !Number.isFinite(value))
  if (wrong) throw new RunError(`metric "${wrong[0]}": expected a number, got ${wrong[1]}`)
  return {
    metrics: Object.fromEntries([...means, ...ofLists]),
    users: users.length,
    excludedUsers: recommender.users - users.length,
    perUser: { users, values: Object.fromEntries(columns.map(({ name, values }) => [name, values])) },
    ...(keepLists && lists && { lists }),
  }
}

/**
 * The lists that `evaluate` would look at, of some of the users alone.
 * @returns of the largest cut-off, along `users`
 * @throws as `evaluate` does
 */
export function rankEvaluated(
  recommender: Recommender,
  request: Omit<EvaluationRequest, 'metrics' | 'keepLists'>,
  users: Int32Array,
): Recommendations {
  assertHeldOut(request.truth)
  const k = Math.max(...checkedCutoffs(request.cutoffs ?? [10, 20, 50]))
  const lists = emptyLists(users.length, k)
  const truth = truthFor(recommender, request.truth)
  rankInBlocks(recommender, request, truth, users, k, ({ items, scores }, begin) => {
    lists.items.set(items, begin * k)
    lists.scores.set(scores, begin * k)
  })
  return lists
}

/** Ranks users by what is given of them, which says nothing of what is held out; `visit` takes the lists of a block. */
function rankInBlocks(
  recommender: Recommender,
  request: Omit<EvaluationRequest, 'metrics'>,
  { given }: HeldOut,
  users: Int32Array,
  k: number,
  visit: (lists: Recommendations, begin: number) => void,
): void {
  const { histories, seen } = withGiven(request, given)
  const tieRank = tieRanks(recommender.items, request.seed)
  const marks = new Int32Array(recommender.items)
  for (let begin = 0; begin < users.length; begin += BLOCK_USERS) {
    request.signal?.throwIfAborted()
    const own = users.subarray(begin, begin + BLOCK_USERS)
    const rows = { users: own, histories: rowsOf(histories, own), seen: rowsOf(seen, own) }
    const lists = recommender.recommend({ ...rows, k, tieRank })
    checkLists(lists, rows.seen, k, begin, marks)
    visit(lists, begin)
    request.progress?.(begin + own.length, users.length)
  }
}

function chooseMetrics({ metrics = ['recall', 'ndcg'], train }: EvaluationRequest) {
  const chosen = metrics.map(metric => (typeof metric === 'string' ? registry.get(metric) : metric))
  const userMetrics = chosen.filter((metric): metric is UserMetric => metric.kind === 'user')
  const listMetrics = chosen.filter((metric): metric is ListMetric => metric.kind === 'list')
  if (listMetrics.length && !train)
    throw new UsageError(`metric "${listMetrics[0].name}" describes lists against the catalogue: pass \`train\` too`)
  return { userMetrics, listMetrics }
}

function checkedCutoffs(cutoffs: readonly number[]): readonly number[] {
  for (const cutoff of cutoffs) {
    if (!Number.isInteger(cutoff) || cutoff < 1)
      throw new UsageError(`cut-off: expected a positive integer, got ${cutoff}`)
  }
  if (cutoffs.length === 0) throw new UsageError('cut-offs: expected at least one, such as 20, got none')
  return cutoffs
}

/** Users that are not in train are ranked from what is given of them, and not recommended it. */
function withGiven({ histories, seen, train }: Omit<EvaluationRequest, 'metrics'>, given: HeldOut['given']) {
  if (!given) return { histories, seen }
  const timestamps = histories.ages && given.timestamps
  const own = historiesOf({ byUser: given, timestamps, timeKind: train?.timeKind })
  return { histories: overlaid(histories, own), seen: union(seen, given) }
}

function truthFor(recommender: Recommender, truth: Truth): HeldOut {
  if (truth.users !== recommender.users || truth.items !== recommender.items) {
    const sizes = ({ users, items }: { users: number; items: number }) => `${users} users and ${items} items`
    throw new DataError(
      `the model knows ${sizes(recommender)}, the held-out data ${sizes(truth)}: they are not of one split`,
    )
  }
  return openTruth(truth)
}

/** @throws DataError for histories, or a mask, of other users */
function checkRows({ users }: Recommender, { histories, seen }: EvaluationRequest): void {
  for (const [name, { offsets }] of Object.entries({ histories, seen }))
    if (offsets.length !== users + 1)
      throw new DataError(`evaluate: ${name}: expected a row for each of ${users} users, got ${offsets.length - 1}`)
}

function emptyColumns(metrics: readonly UserMetric[], cutoffs: readonly number[], users: number) {
  return metrics.flatMap(metric =>
    cutoffs.map(cutoff => ({ metric, cutoff, name: `${metric.name}@${cutoff}`, values: new Float64Array(users) })),
  )
}

/** The values of all columns for hits at some of k places: computed once for all users with the same, most of which have none or one. */
function createJudging(columns: ReturnType<typeof emptyColumns>, k: number) {
  const known = new Map<string, Float64Array>()
  return (places: readonly number[], truth: number): Float64Array => {
    const key = `${truth}:${places}`
    let values = known.get(key)
    if (!values) {
      const hits = new Uint8Array(k)
      for (const place of places) hits[place] = 1
      values = Float64Array.from(columns, ({ metric, cutoff }) => metric.value({ k: cutoff, hits, truth }))
      known.set(key, values)
    }
    return values
  }
}

function describeLists(
  metrics: readonly ListMetric[],
  cutoffs: readonly number[],
  lists: Recommendations,
  train: Dataset,
) {
  const { users, items, byItem } = train
  const catalogue = { users, items, popularity: degreesOf(byItem) }
  return metrics.flatMap(metric =>
    cutoffs.map(
      k => [`${metric.name}@${k}`, metric.value({ k, stride: lists.k, items: lists.items, catalogue })] as const,
    ),
  )
}
