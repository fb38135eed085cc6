/** A bounded, seeded sample of users for the inspector: what the judge saw of them, what it said, and what was held out. */
import type { Dataset } from '../../dataset/dataset.ts'
import type { HeldOutItem } from '../../evaluation/held-out.ts'
import type { Candidates, Verdicts } from '../../judges/judge.ts'
import { VERDICT_WORDS } from '../../judges/verdict-file.ts'
import { columnsOf } from '../../kernels/csr.ts'
import type { Codes } from '../../kernels/interface/kernels.ts'
import { placesWhere } from '../../places.ts'
import { derive, shuffle } from '../../random.ts'
import { codeOf, formatCode, sharedPrefix, type ViewCodes } from '../../trees/codes.ts'
import type { InspectedCandidate, InspectedUser, Nearest, ReportInspector } from './data.ts'
import type { RankedMethod } from './ranks.ts'

/** Bounds of what is embedded, about 1 MB: users, candidates of all of them, and a user's history. */
const MOST_USERS = 400
const MOST_CANDIDATES = 12_000
const MOST_HISTORY = 300

export interface InspectionRequest {
  readonly train: Dataset
  readonly codes: ViewCodes
  readonly candidates: Candidates
  readonly verdicts: Verdicts
  readonly heldOutOf: (user: number) => readonly HeldOutItem[]
  readonly seed: number
  readonly ranked?: RankedMethod | undefined
  readonly titles?: readonly string[] | undefined
}

export function inspect(request: InspectionRequest): ReportInspector {
  const { train, codes, candidates, seed, ranked, titles } = request
  const asked = usersWithCandidates(candidates)
  const users = Math.min(MOST_USERS, Math.max(1, Math.floor(MOST_CANDIDATES / candidates.k)))
  const drawn = shuffle(asked.slice(), derive(seed, 'inspector')).slice(0, users).sort()
  const items = new Map<number, number>()
  const positionOf = (item: number) => {
    const known = items.get(item)
    if (known === undefined) items.set(item, items.size)
    return known ?? items.size - 1
  }
  const sample = Array.from(drawn, user => inspectUser(request, user, positionOf))
  return {
    users: asked.length,
    seed,
    ...(ranked && { ranked: { method: ranked.method, k: ranked.k, part: ranked.part } }),
    items: Array.from(items.keys(), item => ({
      id: train.itemIds.ids[item],
      ...(titles?.[item] && { title: titles[item] }),
      structural: formatCode(codeOf(codes.structural, item)),
      semantic: formatCode(codeOf(codes.semantic, item)),
      interactions: train.byItem.offsets[item + 1] - train.byItem.offsets[item],
    })),
    sample,
  }
}

/** Ascending. */
function usersWithCandidates({ items, k }: Candidates): Int32Array {
  return placesWhere(items.length / k, user => items[user * k] >= 0)
}

function inspectUser(
  { train: { byUser, userIds }, codes, candidates, verdicts, heldOutOf, ranked }: InspectionRequest,
  user: number,
  positionOf: (item: number) => number,
): InspectedUser {
  const history = columnsOf(byUser, user)
  const nearest = (view: Codes, item: number): Nearest => {
    const { steps, other } = longestSharedPrefix(view, item, history)
    return { steps, item: positionOf(other) }
  }
  const own: InspectedCandidate[] = []
  for (let place = user * candidates.k; place < (user + 1) * candidates.k; place++) {
    const item = candidates.items[place]
    if (item < 0) break
    own.push({
      item: positionOf(item),
      verdict: VERDICT_WORDS[verdicts.labels[place]] as InspectedCandidate['verdict'],
      confidence: verdicts.confidence[place],
      nearest: { structural: nearest(codes.structural, item), semantic: nearest(codes.semantic, item) },
    })
  }
  return {
    id: userIds.ids[user],
    history: Array.from(history.subarray(0, MOST_HISTORY), positionOf),
    historyLength: history.length,
    candidates: own,
    heldOut: heldOutOf(user).map(({ item, part }) => {
      const rank = ranked?.rankOf(user, item)
      return { item: positionOf(item), part, ...(rank !== undefined && { rank }) }
    }),
  }
}

/** The first item of the history whose code agrees longest with that of `item`. */
function longestSharedPrefix(codes: Codes, item: number, history: Int32Array): { steps: number; other: number } {
  const own = codeOf(codes, item)
  let best = { steps: -1, other: history[0] }
  for (const other of history) {
    const steps = sharedPrefix(own, codeOf(codes, other))
    if (steps > best.steps) best = { steps, other }
  }
  return best
}
