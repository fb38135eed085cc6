/** A user's history as a prompt has it: in the order of time, and cut where it is too long. */
import type { Dataset } from '../../dataset/dataset.ts'
import { codeOf, type ViewCodes } from '../../trees/codes.ts'

/** The user's items, oldest first; in the order of ids when the data has no times. */
export function historyOf({ byUser, timestamps }: Dataset, user: number): Int32Array {
  const [begin, end] = byUser.offsets.subarray(user, user + 2)
  const items = byUser.indices.slice(begin, end)
  if (!timestamps) return items
  const times = timestamps.subarray(begin, end)
  return Int32Array.from(
    items
      .keys()
      .toArray()
      .sort((a, b) => times[a] - times[b] || a - b),
    place => items[place],
  )
}

/**
 * At most `limit` items in their order: the latest half by recency, the rest by what they add, each time the item whose
 * paths have the most nodes of either tree that no kept item has (the later one of equals). So a long history keeps both
 * what is new and every region of the trees that it reaches, as far as there is room.
 */
export function cutHistory(history: Int32Array, codes: ViewCodes, limit: number): Int32Array {
  if (history.length <= limit) return history
  const recent = Math.ceil(limit / 2)
  const kept = new Set(history.keys().drop(history.length - recent))
  const covered = new Set<string>()
  const nodes = Array.from(history, item => nodesOf(codes, item))
  const cover = (place: number) => {
    kept.add(place)
    for (const node of nodes[place]) covered.add(node)
  }
  for (const place of [...kept]) cover(place)
  while (kept.size < limit) cover(mostNew(nodes, kept, covered))
  return history.filter((_, place) => kept.has(place))
}

function mostNew(nodes: readonly string[][], kept: ReadonlySet<number>, covered: ReadonlySet<string>): number {
  let [best, gain] = [-1, -1]
  for (let place = nodes.length - 1; place >= 0; place--) {
    if (kept.has(place)) continue
    const added = nodes[place].reduce((sum, node) => sum + Number(!covered.has(node)), 0)
    if (added > gain) [best, gain] = [place, added]
  }
  return best
}

/** Every node on an item's two paths. */
function nodesOf({ structural, semantic }: ViewCodes, item: number): string[] {
  return [structural, semantic].flatMap((codes, view) => {
    const code = codeOf(codes, item)
    return Array.from(code, (_, step) => `${view}:${code.slice(0, step + 1).join('-')}`)
  })
}
