/** The items that a judge is asked about: what the base model would recommend next. */
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import { historiesOf, rowsOf } from '../dataset/histories.ts'
import { filledRows } from '../dataset/patterns.ts'
import { UsageError } from '../errors.ts'
import { type Candidates, noCandidates } from '../judges/judge.ts'
import type { Recommender } from '../models/recommender.ts'
import { tieRanks } from '../models/ties.ts'
import { integer, parseOptions } from '../options.ts'
import {
  callable,
  checkRequest,
  dataset,
  ints,
  plainObject,
  recommender as recommenderShape,
  seed as seedShape,
  signal as signalShape,
} from '../requests.ts'

export const candidateOptions = z.object({
  k: integer(1, 1000, 'items')
    .default(20)
    .describe('highest-scored unobserved items per user that are judged; the cost of judging grows with it'),
})

export interface CandidatesRequest {
  readonly recommender: Recommender
  /** its interactions are what is not asked about; users without any get no candidates */
  readonly train: Dataset
  readonly options?: Partial<z.output<typeof candidateOptions>>
  /** orders items of equal score */
  readonly seed: number
  /** who gets candidates, ascending; every user with train interactions when absent */
  readonly users?: Int32Array
  readonly signal?: AbortSignal
  readonly progress?: (done: number, users: number) => void
}

const FIELDS = {
  ...{
    recommender: recommenderShape,
    train: dataset,
    options: plainObject.optional(),
    seed: seedShape,
    users: ints.optional(),
  },
  ...{ signal: signalShape.optional(), progress: callable.optional() },
} satisfies Record<keyof CandidatesRequest, z.ZodType>

const USERS_AT_ONCE = 1024

/**
 * The k highest-scored items that a user has not interacted with, best first, for every user with train interactions.
 * @source DTL-NS, arXiv 2602.18249
 * @throws UsageError for an option out of range, a recommender of other data, and users that there are not; whatever `signal` aborts with
 */
export async function generateCandidates(request: CandidatesRequest): Promise<Candidates> {
  checkRequest('generateCandidates', FIELDS, request)
  const { recommender, train, seed, signal, progress } = request
  checkSizes(request)
  const { k } = parseOptions(candidateOptions, request.options, 'candidates')
  const seen = train.byUser
  const histories = historiesOf(train)
  const active = request.users ?? filledRows(seen)
  const tieRank = tieRanks(train.items, seed)
  const { items, scores } = noCandidates(train, k)
  for (let first = 0; first < active.length; first += USERS_AT_ONCE) {
    signal?.throwIfAborted()
    const users = active.subarray(first, first + USERS_AT_ONCE)
    const ranking = { users, histories: rowsOf(histories, users), seen: rowsOf(seen, users), k, tieRank }
    const block = recommender.recommend(ranking)
    users.forEach((user, row) => {
      items.set(block.items.subarray(row * k, (row + 1) * k), user * k)
      scores.set(block.scores.subarray(row * k, (row + 1) * k), user * k)
    })
    progress?.(first + users.length, active.length)
    await setImmediate()
  }
  return { k, items, scores }
}

function checkSizes({ recommender, train, users = new Int32Array() }: CandidatesRequest): void {
  if (recommender.items !== train.items)
    throw new UsageError(
      `generateCandidates: recommender: expected one of ${train.items} items, as train has, got one of ${recommender.items}`,
    )
  const stranger = users.find(user => user < 0 || user >= train.users)
  if (stranger !== undefined)
    throw new UsageError(`generateCandidates: users: expected users below ${train.users}, got ${stranger}`)
}
