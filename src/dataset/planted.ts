/**
 * Data with a planted structure, for the demo, tests and benchmarks: users and items in nested groups, popularity
 * skewed within a group, and for every user the whole set of items that the user likes, of which only a part is shown.
 * What is liked and never shown is a false negative by construction, so a judge can be scored.
 */
import { z } from 'zod'
import { integer, number, parseOptions } from '../options.ts'
import { derive, type RandomStream, randomStream } from '../random.ts'
import { checkRequest, plainObject } from '../requests.ts'

export const plantedOptions = z.object({
  users: integer(2, 10_000_000).default(1500).describe('users'),
  items: integer(8, 10_000_000).default(1200).describe('items'),
  levels: integer(1, 6).default(3).describe('levels of groups, four groups in each'),
  likesPerUser: integer(4, 1000).default(40).describe('items that a user likes, on average'),
  shownShare: number(0.1, 0.9).default(0.5).describe('share of the liked items in train'),
  heldOutShare: number(0.02, 0.4).default(0.1).describe('share of the liked items in valid, and again in test'),
  focus: number(0, 1).default(0.8).describe('chance that a like stays in the next smaller group of the user'),
  seed: integer(0).default(1).describe('seed'),
})

export interface PlantedPairs {
  readonly users: number[]
  readonly items: number[]
}

export interface PlantedData {
  readonly users: number
  readonly items: number
  readonly train: PlantedPairs
  readonly valid: PlantedPairs
  readonly test: PlantedPairs
  /** liked, and in none of the three */
  readonly hidden: PlantedPairs
  /** how likely one draw of a user's likes falls on an item: the planted preference */
  preference(user: number, item: number): number
}

const BRANCHES = 4

const FIELDS = { given: plainObject }

/**
 * A like of a user: from the whole catalogue one walks towards the user's own leaf group, at each level with chance
 * `focus`, else stops; in the group reached an item is drawn with a weight that falls as 1 / √rank.
 */
export function plantedData(given: z.input<typeof plantedOptions> = {}): PlantedData {
  checkRequest('plantedData', FIELDS, { given })
  const options = parseOptions(plantedOptions, given, 'planted data')
  const { users, items, levels, seed, focus } = options
  const leaves = BRANCHES ** levels
  // item i belongs to leaf ⌊i · leaves / items⌋, so that a group is a range of items
  const groupRange = (leaf: number, depth: number) => {
    const width = BRANCHES ** (levels - depth)
    const first = Math.floor(leaf / width) * width
    return [Math.ceil((first * items) / leaves), Math.ceil(((first + width) * items) / leaves)] as const
  }
  const random = randomStream(derive(seed, 'planted'))
  const weights = Float64Array.from({ length: items }, () => 1 / Math.sqrt(1 + random.below(items)))
  const cumulative = new Float64Array(items + 1)
  for (let item = 0; item < items; item++) cumulative[item + 1] = cumulative[item] + weights[item]
  const leafOf = Int32Array.from({ length: users }, () => random.below(leaves))

  const parts = { train: empty(), valid: empty(), test: empty(), hidden: empty() }
  for (let user = 0; user < users; user++) {
    const own = randomStream(derive(seed, 'planted', user))
    const wanted = Math.max(4, Math.floor(options.likesPerUser * (0.5 + own.uniform())))
    const liked = new Set<number>()
    // popular items are drawn again and again: after enough draws a small group is simply exhausted
    for (let draw = 0; liked.size < Math.min(wanted, items - 1) && draw < wanted * 50; draw++) {
      const [from, to] = groupRange(leafOf[user], depthOfDraw(own, levels, focus))
      liked.add(drawItem(cumulative, from, to, own.uniform()))
    }
    ;[...liked].forEach((item, order) => {
      const place = order < 2 ? 0 : own.uniform()
      const part = partOf(place, options)
      parts[part].users.push(user)
      parts[part].items.push(item)
    })
  }
  return {
    users,
    items,
    ...parts,
    preference(user, item) {
      let total = 0
      for (let depth = 0, reach = 1; depth <= levels; depth++) {
        const [from, to] = groupRange(leafOf[user], depth)
        const stops = depth === levels ? 1 : 1 - focus
        if (item >= from && item < to) total += (reach * stops * weights[item]) / (cumulative[to] - cumulative[from])
        reach *= focus
      }
      return total
    },
  }
}

const empty = (): { users: number[]; items: number[] } => ({ users: [], items: [] })

function partOf(place: number, { shownShare, heldOutShare }: z.output<typeof plantedOptions>) {
  if (place < shownShare) return 'train'
  if (place < shownShare + heldOutShare) return 'valid'
  return place < shownShare + 2 * heldOutShare ? 'test' : 'hidden'
}

function depthOfDraw(random: RandomStream, levels: number, focus: number): number {
  let depth = 0
  while (depth < levels && random.uniform() < focus) depth++
  return depth
}

/** The item in from … to − 1 on whose stretch of the cumulative weights the draw falls. */
function drawItem(cumulative: Float64Array, from: number, to: number, uniform: number): number {
  const target = cumulative[from] + uniform * (cumulative[to] - cumulative[from])
  let low = from
  let high = to - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (cumulative[middle + 1] > target) high = middle
    else low = middle + 1
  }
  return low
}
