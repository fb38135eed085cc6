/** Communities of the graph of users and items, and who belongs where. */
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { CsrPattern, Kernels } from '../kernels/interface/kernels.ts'
import { fitIals, ials } from '../models/baselines/ials.ts'
import { integer, number } from '../options.ts'
import { ascending } from '../places.ts'
import { derive, permutation } from '../random.ts'
import { defineJudge, ruleEach } from './judge.ts'

/**
 * Label propagation over the interactions: users take the label that weighs most among their items, items that among their users, each neighbour
 * weighing 1/√(its interactions); until nothing changes or `rounds` are over. Positive when the candidate's community holds at least `minShare` of
 * the history; confidence is that share. Cost O(interactions · rounds), with `noiseQuantile` also that of a fit of iALS and D a candidate.
 */
export const community = defineJudge({
  name: 'community',
  summary: "Positive when the candidate's community holds enough of the history.",
  source:
    'TPSC-FO, arXiv 2602.18288, its first part; communities: Raghavan, Albert, Kumara, Physical Review E 76 (2007); ' +
    'its filter against noise is --noise-quantile; differs: one detector, label propagation, where the paper compares two; a cosine of ALS vectors ' +
    'and a quantile of it, as the paper describes in words; positives are not mixed with their neighbours',
  options: z.object({
    minShare: number(0, 1).default(0.3).describe("least share of the history in a positive's community"),
    noiseQuantile: number(0, 1)
      .default(0)
      .describe("least ALS cosine of a positive, as a quantile of the user's items; 0 for no such filter"),
    rounds: integer(1, 1000, 'rounds').default(10).describe('maximum number of rounds of label propagation'),
  }),
  create({ train, kernels, seed }, { minShare, noiseQuantile, rounds }) {
    const { labels, found } = communitiesOf(train, rounds, seed)
    const isNear = noiseQuantile === 0 ? () => true : nearness(train, kernels, seed, noiseQuantile)
    return async candidates => ({
      ...ruleEach(candidates, (user, item) => {
        const history = columnsOf(train.byUser, user)
        const inside = history.filter(own => labels[own] === labels[item]).length
        const share = history.length === 0 ? 0 : inside / history.length
        return { positive: share >= minShare && isNear(user, item), confidence: share }
      }),
      details: { communities: found },
    })
  },
})

/** Whether an item is as near to a user as a quantile of the user's own items: a threshold of each user. */
function nearness(train: Dataset, kernels: Kernels, seed: number, quantile: number) {
  const { dimensions, userVectors, itemVectors } = fitIals(train, kernels, ials.options.parse({}), seed)
  const cosine = (user: number, item: number) => {
    let [dot, ofUser, ofItem] = [0, 0, 0]
    for (let d = 0; d < dimensions; d++) {
      const [a, b] = [userVectors[user * dimensions + d], itemVectors[item * dimensions + d]]
      dot += a * b
      ofUser += a * a
      ofItem += b * b
    }
    return dot / Math.sqrt(ofUser * ofItem)
  }
  const thresholds = Float64Array.from({ length: train.users }, (_, user) => {
    const own = Float64Array.from(columnsOf(train.byUser, user), item => cosine(user, item)).sort()
    return own[Math.floor(quantile * (own.length - 1))] ?? Number.POSITIVE_INFINITY
  })
  return (user: number, item: number) => cosine(user, item) >= thresholds[user]
}

/** The community of each item. */
function communitiesOf({ users, items, byUser, byItem }: Dataset, rounds: number, seed: number) {
  const labels = ascending(items)
  const ofUsers = new Int32Array(users).fill(-1)
  const sums = new Float64Array(items)
  const weights = (pattern: CsrPattern, rows: number) =>
    Float64Array.from({ length: rows }, (_, row) => 1 / Math.sqrt(Math.max(1, columnsOf(pattern, row).length)))
  const [userWeights, itemWeights] = [weights(byUser, users), weights(byItem, items)]
  /** @returns how many rows changed their label */
  const pass = (order: Int32Array, pattern: CsrPattern, own: Int32Array, others: Int32Array, by: Float64Array) => {
    let changed = 0
    for (const row of order) {
      const neighbors = columnsOf(pattern, row)
      let best = own[row]
      for (const other of neighbors) if (others[other] >= 0) sums[others[other]] += by[other]
      for (const other of neighbors) {
        const label = others[other]
        if (label >= 0 && (best < 0 || sums[label] > sums[best] || (sums[label] === sums[best] && label < best)))
          best = label
      }
      for (const other of neighbors) if (others[other] >= 0) sums[others[other]] = 0
      if (best !== own[row]) changed++
      own[row] = best
    }
    return changed
  }
  for (let round = 0; round < rounds; round++) {
    const order = (rows: number, name: string) => permutation(rows, derive(seed, 'community', name, round))
    pass(order(users, 'users'), byUser, ofUsers, labels, itemWeights)
    if (pass(order(items, 'items'), byItem, labels, ofUsers, userWeights) === 0) break
  }
  return { labels, found: new Set(labels).size }
}
