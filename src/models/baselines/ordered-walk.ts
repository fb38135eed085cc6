/** Ordered walk: what followed the items of the history in other histories. */
import { z } from 'zod'
import { degreesOf } from '../../dataset/csr.ts'
import { orderedAffinities } from '../../dataset/sequences.ts'
import { integer, number } from '../../options.ts'
import { power } from '../../powers.ts'
import { decayOptions } from '../decay.ts'
import { tieRanks } from '../ties.ts'
import { defineBaseline } from './baseline.ts'
import { neighborBytes, raised, recommendByNeighbors, weightPowerOption } from './item-knn.ts'

/**
 * score(u, j) = Σ_{i ∈ history of u} γ^age(i) o_ij, o_ij = Σ_v |t − s|^(−δ) (1 if t > s, else ρ) / (d_i^α d_j^β + shrinkage) over the
 * users v who have i at place s and j at place t, at most `window` apart. Between interactions at the same time the factor is (1 + ρ) / 2.
 */
export const orderedWalk = defineBaseline({
  name: 'ordered-walk',
  summary: 'What others interacted with near the items of the history, above all after them.',
  source:
    'own; one step along histories as in RP³β (Paudel et al., ACM TiiS 7, 2017), weighted by distance and direction as in session-based neighbourhoods ' +
    '(Ludewig & Jannach, UMUAI 28, 2018)',
  options: z.object({
    window: integer(1, 10_000, 'places').default(50).describe('largest distance of two items in a history'),
    distance: number(0, 4).default(0.5).describe('δ, power by which weights fall with distance'),
    backward: number(0, 1).default(0.5).describe('ρ, weight of earlier items; later ones have 1'),
    alpha: number(0, 4).default(0.5).describe("α, power of the popularity of the step's origin"),
    beta: number(0, 4).default(0.125).describe("β, power of the popularity of the step's target"),
    shrinkage: number(0, 10_000)
      .default(2)
      .describe('added to d_i^α d_j^β: larger trusts the steps between rare items less'),
    neighbors: integer(0, 1_000_000, 'items').default(0).describe('heaviest items kept per item; 0 for all'),
    power: weightPowerOption,
    ...decayOptions.shape,
    decay: decayOptions.shape.decay.default(0.8),
  }),
  search: {
    decay: [0.7, 0.8, 0.9],
    power: [1, 1.25, 1.5],
    beta: [0.125, 0.25, 0.375, 0.5],
    distance: [0.25, 0.5],
    backward: [0.3, 0.5],
  },
  footprint: neighborBytes,
  unsupportedReason: ({ timestamps }) =>
    timestamps
      ? undefined
      : 'baseline "ordered-walk" needs the order of interactions, and the data has no times: name their column (--time), give sequences, or leave it out (--baselines)',
  fit({ train, kernels, seed }, options) {
    const { window, distance, backward, alpha, beta, shrinkage, neighbors, power: exponent, ...decay } = options
    const degrees = degreesOf(train.byItem)
    const walk = {
      ...{ window, backward, shrinkage },
      nearness: Float64Array.from({ length: window + 1 }, (_, places) => 1 / power(places, distance)),
      leave: Float64Array.from(degrees, degree => power(degree, alpha)),
      hold: Float64Array.from(degrees, degree => power(degree, beta)),
    }
    const nearest = neighbors > 0 ? { limit: neighbors, ranks: tieRanks(train.items, seed) } : undefined
    const timed = { ...train, timestamps: train.timestamps! }
    const weights = orderedAffinities(timed, kernels, walk, nearest)
    return recommendByNeighbors(kernels, train, raised(weights, exponent), decay)
  },
})
