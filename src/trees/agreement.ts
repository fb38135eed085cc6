/** Whether codes mean something: how often items that share the beginning of their codes are met by the same users. */
import { cooccurrence } from '../dataset/cooccurrence.ts'
import type { Dataset } from '../dataset/dataset.ts'
import type { Codes, CsrMatrix } from '../kernels/kernels.ts'
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

/** Exact, over every pair; O(nonzeros of the co-occurrence · depth), and no table of all pairs. */
export function codeAgreement(train: Dataset, views: readonly Codes[]): CodeAgreement[] {
  const shared = cooccurrence(train)
  return views.map(codes => agreementOf(train, codes, shared))
}

function agreementOf({ items, byItem }: Dataset, codes: Codes, { offsets, indices, values }: CsrMatrix): CodeAgreement {
  const degree = (item: number) => byItem.offsets[item + 1] - byItem.offsets[item]
  const sums = Array.from({ length: codes.depth + 1 }, () => ({ connected: 0, jaccard: 0, shared: 0 }))
  for (let item = 0; item < items; item++) {
    const own = codeOf(codes, item)
    for (let entry = offsets[item]; entry < offsets[item + 1]; entry++) {
      const other = indices[entry]
      if (other <= item) continue
      const sum = sums[sharedPrefix(own, codeOf(codes, other))]
      sum.connected++
      sum.shared += values[entry]
      sum.jaccard += values[entry] / (degree(item) + degree(other) - values[entry])
    }
  }
  const pairs = pairsByPrefix(codes, items)
  const total = (key: 'connected' | 'jaccard' | 'shared') => sums.reduce((sum, own) => sum + own[key], 0)
  const all = { connected: total('connected'), jaccard: total('jaccard'), shared: total('shared') }
  return {
    byPrefix: sums.map((sum, prefix) => means(sum, pairs[prefix])),
    all: means(all, (items * (items - 1)) / 2),
  }
}

function means({ connected, jaccard, shared }: Omit<PairSimilarity, 'pairs'>, pairs: number): PairSimilarity {
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
