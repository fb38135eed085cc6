/** Asking again: whether a judge says the same twice, in another order of the cases, and in the other mode. */

import type { PlantedCases } from '../dataset/splits/planted-cases.ts'
import type { Candidates, JudgeDefinition, Verdicts } from '../judges/judge.ts'
import { ascending } from '../places.ts'
import { derive, shuffle } from '../random.ts'
import { rocAuc } from '../statistics/binary/ranking.ts'
import { pick, rowsOf } from './rows.ts'

/** Verdicts that were asked for twice. */
export interface Repetition {
  /** cases with a valid verdict both times */
  readonly cases: number
  /** share with the same label */
  readonly same: number
  /** mean distance of the confidences */
  readonly distance: number
}

export interface Recheck {
  readonly users: number
  /** the same question: 1 for a judge that is a function of it */
  readonly again: Repetition
  /** the candidates of each user in another order */
  readonly reordered: Repetition
  /** all candidates in one question against one a question, for judges that have both */
  readonly modes?: {
    readonly agreement: Repetition
    /** AUC in each mode over these users, by name */
    readonly auc: Readonly<Record<string, number>>
  }
}

export interface RecheckRequest {
  readonly definition: JudgeDefinition
  readonly options: unknown
  readonly cases: PlantedCases
  /** along the cases */
  readonly scores: Float32Array
  readonly verdicts: Verdicts
  /** of the audited users */
  readonly share: number
  readonly seed: number
  /** @param asked −1 for what is not asked */
  readonly ask: (step: string, options: unknown, asked: Candidates) => Promise<Verdicts>
}

/** @returns undefined when the share is 0; otherwise one user is asked about at least */
export async function recheck(request: RecheckRequest): Promise<Recheck | undefined> {
  const { definition, options, cases, scores, verdicts, share, seed, ask } = request
  if (share === 0) return undefined
  const { k } = cases
  const audited = Int32Array.from(new Set(rowsOf(cases).users))
  const count = Math.max(1, Math.round(share * audited.length))
  const users = new Set(shuffle(audited, derive(seed, 'audit', 'recheck')).subarray(0, count))
  const items = cases.items.map((item, place) => (users.has(Math.floor(place / k)) ? item : -1))

  const again = await ask('the same again', options, { k, items, scores })
  const order = otherOrder(items, k, seed)
  const moved = { k, items: order.map(place => items[place]), scores: Float32Array.from(order, place => scores[place]) }
  const mixed = await ask('in another order', options, moved)
  const sorted = inOrder(mixed, order)
  const mode = otherMode(definition, options)
  const otherVerdicts =
    mode && (await ask(`in mode ${mode.other}`, { ...(options as object), mode: mode.other }, { k, items, scores }))
  return {
    users: users.size,
    again: compare(items, verdicts, again),
    reordered: compare(items, verdicts, sorted),
    ...(mode &&
      otherVerdicts && {
        modes: {
          agreement: compare(items, verdicts, otherVerdicts),
          auc: {
            [mode.own]: aucOf({ ...cases, items }, verdicts),
            [mode.other]: aucOf({ ...cases, items }, otherVerdicts),
          },
        },
      }),
  }
}

/** Place p of the new order holds what stood at `order[p]`: a user's cases change places among themselves. */
function otherOrder(items: Int32Array, k: number, seed: number): Int32Array {
  const order = ascending(items.length)
  for (let user = 0; user * k < items.length; user++) {
    const length = items.subarray(user * k, (user + 1) * k).filter(item => item >= 0).length
    if (length > 1) shuffle(order.subarray(user * k, user * k + length), derive(seed, 'audit', 'reorder', user))
  }
  return order
}

function inOrder({ labels, confidence }: Verdicts, order: Int32Array): Pick<Verdicts, 'labels' | 'confidence'> {
  const sorted = { labels: labels.slice(), confidence: confidence.slice() }
  order.forEach((place, at) => {
    sorted.labels[place] = labels[at]
    sorted.confidence[place] = confidence[at]
  })
  return sorted
}

type Said = Pick<Verdicts, 'labels' | 'confidence'>

function compare(items: Int32Array, a: Said, b: Said): Repetition {
  let cases = 0
  let same = 0
  let distance = 0
  items.forEach((item, place) => {
    if (item < 0 || a.labels[place] < 0 || b.labels[place] < 0) return
    cases++
    same += Number(a.labels[place] === b.labels[place])
    distance += Math.abs(a.confidence[place] - b.confidence[place])
  })
  return { cases, same: same / cases, distance: distance / cases }
}

function aucOf(cases: PlantedCases, { labels, confidence }: Said): number {
  const { places, truth } = pick(rowsOf(cases), place => labels[place] >= 0)
  return rocAuc({ scores: Float32Array.from(places, place => confidence[place]), truth })
}

/** Of judges that ask about all candidates of a user at once (`user`, `compact`) or about one at a time (`pair`). */
function otherMode({ options: { shape } }: JudgeDefinition, options: unknown) {
  if (!('mode' in shape)) return undefined
  const { mode = 'user' } = options as { mode?: string }
  return { own: mode, other: mode === 'pair' ? 'user' : 'pair' }
}
