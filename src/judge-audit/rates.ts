/** What a judge calls positive, by the circumstances of a case: where it goes by something else than what it should. */

import { degreesOf } from '../dataset/csr.ts'
import type { PlantedCases } from '../dataset/splits/planted-cases.ts'
import { bestSharedPrefix } from '../judges/shared-prefix.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { rocAuc } from '../statistics/binary/ranking.ts'
import type { ViewCodes } from '../trees/codes.ts'
import type { CaseRows } from './rows.ts'

export interface GroupRate {
  /** least and greatest value of the circumstance in this group */
  readonly from: number
  readonly to: number
  readonly planted: number
  readonly unobserved: number
  /** share that is called positive: of the planted cases, and of the unobserved ones */
  readonly plantedRate: number
  readonly unobservedRate: number
  /** AUC within the group */
  readonly auc: number
}

export interface GroupRates {
  /** best shared prefix with the history in either view, in steps */
  readonly prefix: readonly GroupRate[]
  /** interactions of the item in what is left of train */
  readonly popularity: readonly GroupRate[]
  /** interactions of the user in what is left of train */
  readonly history: readonly GroupRate[]
  /** what the base model scores the case: within a group, what the judge knows beside that */
  readonly score: readonly GroupRate[]
  /** quarter of the user's list that the case stands in; the order is random, so rates that differ are a bias */
  readonly position: readonly GroupRate[]
}

interface Judged {
  readonly rows: CaseRows
  /** 1 for each row called positive */
  readonly called: Uint8Array
  readonly confidence: Float32Array
}

const QUARTERS = 4

export async function ratesOf(
  request: Judged & { cases: PlantedCases; scores: Float32Array; codes: ViewCodes; kernels: Kernels },
): Promise<GroupRates> {
  const { rows, cases, scores, codes, kernels } = request
  const { k, items, train } = cases
  const shared = await bestSharedPrefix({ k, items, scores: new Float32Array() }, codes, train.byUser, kernels)
  const [ofItems, ofUsers] = [degreesOf(train.byItem), degreesOf(train.byUser)]
  const lengths = new Int32Array(train.users)
  for (let place = 0; place < items.length; place++) if (items[place] >= 0) lengths[Math.floor(place / k)]++
  const quarter = (place: number) => 1 + Math.floor((QUARTERS * (place % k)) / lengths[Math.floor(place / k)])
  const popularity = rows.items.map(item => ofItems[item])
  const history = rows.users.map(user => ofUsers[user])
  const prefixes = rows.places.map(place => shared[place])
  const modelScores = Float32Array.from(rows.places, place => scores[place])
  return {
    prefix: rates(request, prefixes),
    popularity: rates(request, popularity, quartiles(popularity)),
    history: rates(request, history, quartiles(history)),
    score: rates(request, modelScores, quartiles(modelScores)),
    position: rates(request, rows.places.map(quarter)),
  }
}

/** Where quarters of the values begin, as far as equal values can be parted. */
function quartiles(values: Int32Array | Float32Array): number[] {
  const sorted = values.slice().sort()
  const starts = Array.from({ length: QUARTERS }, (_, n) => sorted[Math.floor((n * sorted.length) / QUARTERS)])
  return [...new Set(starts)]
}

/** @param starts least value of each group, ascending; each value its own group when absent */
function rates(
  { rows, called, confidence }: Judged,
  values: Int32Array | Float32Array,
  starts?: readonly number[],
): GroupRate[] {
  const groupOf = (row: number) => starts?.findLast(start => start <= values[row]) ?? values[row]
  return [...Map.groupBy(values.keys(), groupOf)]
    .sort(([a], [b]) => a - b)
    .map(([, members]) => {
      const planted = members.filter(row => rows.truth[row])
      const unobserved = members.filter(row => !rows.truth[row])
      const rate = (of: readonly number[]) => of.reduce((sum, row) => sum + called[row], 0) / of.length
      return {
        from: members.reduce((least, row) => Math.min(least, values[row]), Number.POSITIVE_INFINITY),
        to: members.reduce((most, row) => Math.max(most, values[row]), Number.NEGATIVE_INFINITY),
        planted: planted.length,
        unobserved: unobserved.length,
        plantedRate: rate(planted),
        unobservedRate: rate(unobserved),
        auc: rocAuc({ scores: members.map(row => confidence[row]), truth: members.map(row => rows.truth[row]) }),
      }
    })
}
