/** Neighbourhoods of items: a user gets what resembles the items of their history. */
import { z } from 'zod'
import { affinities, sharedBytes } from '../../dataset/cooccurrence.ts'
import { degreesOf, transpose, transposeValues } from '../../dataset/csr.ts'
import type { DataSizes, Dataset } from '../../dataset/dataset.ts'
import type { CsrMatrix, Kernels } from '../../kernels/interface/kernels.ts'
import { flag, integer, number, positive } from '../../options.ts'
import { power } from '../../powers.ts'
import { type DecayOptions, decayed, decayOptions, NO_DECAY } from '../decay.ts'
import type { OpenContext, Recommender, RecommendRequest } from '../recommender.ts'
import { openWeights, positionsOf, rankedLists, residentHistories, residentPattern, weightTensors } from '../rows.ts'
import { tieRanks } from '../ties.ts'
import { defineBaseline, recommendByScores } from './baseline.ts'

/** Of every model with a weight for two items. */
export const weightPowerOption = positive(4)
  .default(1)
  .describe('power of the weights: above 1 strong neighbours count more beside many weak ones')

/**
 * score(u, j) = Σ_{i ∈ history of u} s_ij over those i that have j among their nearest, with
 * s_ij = |U_i ∩ U_j| / (sqrt(|U_i| |U_j|) + shrinkage) and s_ii = 0.
 *
 * The s_ij that are kept stay in kernel memory, 8 bytes each, for the memory scope in which `fit` is called.
 */
export const itemKnn = defineBaseline({
  name: 'item-knn',
  summary: 'Cosine similarity to the items of the history.',
  source:
    'Deshpande & Karypis: "Item-based top-N recommendation algorithms", ACM TOIS 22 (2004); ' +
    'shrinkage: Dacrema et al., arXiv 1907.06902; differs: similarities are normalised on request alone, then per item that is ranked, with the means of ' +
    'items as in the open benchmark BARS',
  options: z.object({
    neighbors: integer(0, 1_000_000, 'items').default(0).describe('nearest items kept per item, 0 for all'),
    shrinkage: number(0, 10_000, 'users')
      .default(0)
      .describe("added to the cosine's denominator: larger trusts similarities of rare items less"),
    power: weightPowerOption,
    normalize: flag.describe(
      'score by the nearest items of the ranked item; their weights sum to 1, and popularity above theirs counts',
    ),
    ...decayOptions.shape,
  }),
  footprint: (sizes, options) => neighborBytes(sizes, options) * (options.normalize ? 2 : 1),
  fit({ train, kernels, seed }, { neighbors, shrinkage, power: exponent, normalize, ...decay }) {
    const nearest = neighbors > 0 ? { limit: neighbors, ranks: tieRanks(train.items, seed) } : undefined
    const weights = affinities(train, kernels, { kind: 'cosine', shrinkage }, nearest)
    raised(weights, exponent)
    return normalize
      ? recommendByOwnNeighbors(kernels, train, weights, decay)
      : recommendByNeighbors(kernels, train, weights, decay)
  },
})

/**
 * score(u, j) = m_j + Σ_i s̄_ji (x_ui − m_i), i over the nearest of j, s̄ their weights over the sum of these, m the shares of the users that have an
 * item. A part of it is the same for all users, so that there is no sum of weights to be written down.
 */
function recommendByOwnNeighbors(
  kernels: Kernels,
  train: Dataset,
  weights: CsrMatrix,
  decay: DecayOptions,
): Recommender {
  const { offsets, indices, values } = weights
  const { users, items } = train
  const means = Float64Array.from(degreesOf(train.byItem), degree => degree / users)
  const shares = Float32Array.from(values)
  const shift = means.slice()
  for (let item = 0; item < items; item++) {
    const [begin, end] = [offsets[item], offsets[item + 1]]
    let sum = 0
    for (let at = begin; at < end; at++) sum += values[at]
    for (let at = begin; at < end; at++) {
      shares[at] = values[at] / sum
      shift[item] -= shares[at] * means[indices[at]]
    }
  }
  const { memory } = kernels
  const pattern = transpose({ offsets, indices }, items)
  const ofHistory = {
    offsets: memory.resident(pattern.offsets),
    indices: memory.resident(pattern.indices),
    values: memory.resident(transposeValues({ offsets, indices }, shares, items)),
  }
  return recommendByScores(kernels, train, (histories, scores) => {
    kernels.sumSparseRows(decayed(memory, histories, decay), ofHistory, items, scores)
    for (let row = 0; row < scores.length; row += items)
      for (let item = 0; item < items; item++) scores[row + item] += shift[item]
  })
}

/** The weights, raised to a power in place. */
export function raised(weights: CsrMatrix, exponent: number): CsrMatrix {
  const { values } = weights
  if (exponent !== 1) for (let entry = 0; entry < values.length; entry++) values[entry] = power(values[entry], exponent)
  return weights
}

/** What the neighbours of all items take, and those of each history while it is scored. */
export function neighborBytes(sizes: DataSizes, { neighbors }: { readonly neighbors: number }): number {
  return sharedBytes(sizes, neighbors || sizes.items) + 8 * sizes.interactions
}

/** Ranks by the sum of the history's rows of `weights` [I × I], in kernel memory; what is long ago counts less where `decay` says so. */
export function recommendByNeighbors(
  kernels: Kernels,
  { users, items }: Pick<Dataset, 'users' | 'items'>,
  weights: CsrMatrix,
  decay: DecayOptions = NO_DECAY,
): Recommender {
  const { memory } = kernels
  const recommend = ({ histories, seen, k, tieRank }: RecommendRequest) => {
    const count = histories.offsets.length - 1
    return rankedLists(memory, count, k, out => {
      const chosen = decayed(memory, residentHistories(memory, histories), decay)
      const rows = { users: positionsOf(memory, count), seen: residentPattern(memory, seen) }
      kernels.topKBySums({ ...rows, chosen, matrix: weights, items, tieRank: memory.resident(tieRank) }, out)
    })
  }
  return recommendByScores(
    kernels,
    { users, items },
    (histories, scores) => kernels.sumSparseRows(decayed(memory, histories, decay), weights, items, scores),
    {
      recommend,
      weights,
      decay,
      store: () => ({ kind: 'neighbors', options: { users, items, ...decay }, tensors: weightTensors(weights) }),
    },
  )
}

export function openNeighbors(context: OpenContext): Recommender {
  const { users, items, decay, halfLife } = context.options as Record<string, number>
  return recommendByNeighbors(context.kernels, { users, items }, openWeights(context), { decay, halfLife })
}
