/** Whether codes mean something: how often items that share the beginning of their codes have the same users. */
import { forEachCooccurrence } from '../dataset/cooccurrence.ts'
import { degreesOf } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import type { Codes, Kernels } from '../kernels/interface/kernels.ts'
import { codeOf, sharedPrefix } from './codes.ts'

/** Pairs of different items, each once. */
export interface PairSimilarity {
  readonly pairs: number
  /** pairs with at least one user in common */
  readonly connected: number
  /** mean Jaccard similarity |U_i ∩ U_j| / |U_i ∪ U_j| over all the pairs, most of which are 0; NaN without pairs */
  readonly jaccard: number
  /** mean number of common users over all the pairs; NaN without pairs */
  readonly shared: number
}

export interface CodeAgreement {
  /** at n: the pairs whose codes share exactly n steps */
  readonly byPrefix: readonly PairSimilarity[]
  /** all pairs: what two random items come to */
  readonly all: PairSimilarity
}

/** Exact, over every pair; O(nonzeros of the co-occurrence · depth), and no table of them or of all pairs. */
export function codeAgreement(train: Dataset, views: readonly Codes[], kernels: Kernels): CodeAgreement[] {
  const sums = views.map(codes => createSums(train, codes))
  forEachCooccurrence(train, kernels, (item, other, users) => {
    if (other > item) for (const { add } of sums) add(item, other, users)
  })
  return views.map((codes, view) => agreementOf(codes, train.items, sums[view].byPrefix))
}

type Sums = Omit<PairSimilarity, 'pairs'>

/** What the connected pairs of each shared prefix come to, pair by pair. */
function createSums({ items, byItem }: Dataset, codes: Codes) {
  const degree = degreesOf(byItem)
  const code = Array.from({ length: items }, (_, item) => codeOf(codes, item))
  const byPrefix = Array.from({ length: codes.depth + 1 }, () => ({ connected: 0, jaccard: 0, shared: 0 }))
  return {
    byPrefix,
    add(item: number, other: number, users: number) {
      const sum = byPrefix[sharedPrefix(code[item], code[other])]
      sum.connected++
      sum.shared += users
      sum.jaccard += users / (degree[item] + degree[other] - users)
    },
  }
}

function agreementOf(codes: Codes, items: number, sums: readonly Sums[]): CodeAgreement {
  const pairs = pairsByPrefix(codes, items)
  const total = (key: keyof Sums) => sums.reduce((sum, own) => sum + own[key], 0)
  const all = { connected: total('connected'), jaccard: total('jaccard'), shared: total('shared') }
  return {
    byPrefix: sums.map((sum, prefix) => means(sum, pairs[prefix])),
    all: means(all, (items * (items - 1)) / 2),
  }
}

function means({ connected, jaccard, shared }: Sums, pairs: number): PairSimilarity {
  return { pairs, connected, jaccard: jaccard / pairs, shared: shared / pairs }
}

/** Pairs that share exactly n steps, at n: those under one node of depth n, less those under one of its children. */
function pairsByPrefix(codes: Codes, items: number): number[] {
  const under = new Array<number>(codes.depth + 2).fill(0)
  let nodes = new Int32Array(items)
  let known = Array.from({ length: items }, (_, item) => item)
  for (let depth = 0; depth <= codes.depth && known.length > 0; depth++) {
    if (depth > 0) {
      known = known.filter(item => codes.values[item * codes.depth + depth - 1] >= 0)
      nodes = childNodes(codes, nodes, known, depth)
    }
    const sizes = new Map<number, number>()
    for (const item of known) sizes.set(nodes[item], (sizes.get(nodes[item]) ?? 0) + 1)
    for (const size of sizes.values()) under[depth] += (size * (size - 1)) / 2
  }
  return under.slice(0, -1).map((pairs, depth) => pairs - under[depth + 1])
}

/** Numbers the nodes of a depth, from the numbers of their parents. */
function childNodes({ depth: width, values }: Codes, parents: Int32Array, items: readonly number[], depth: number) {
  const numbers = new Map<number, number>()
  const nodes = new Int32Array(parents.length)
  for (const item of items) {
    const child = parents[item] * 128 + values[item * width + depth - 1]
    const number = numbers.get(child) ?? numbers.size
    numbers.set(child, number)
    nodes[item] = number
  }
  return nodes
}
