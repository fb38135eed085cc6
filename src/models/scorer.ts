/**
 * Scores of pairs that are no inner products. A model with a scorer has vectors in one hop like any other, and training,
 * samplers, ranking and files ask the scorer where they would otherwise multiply: `score` and `backward` have the shapes of the
 * kernels' `dotRows` and `dotRowsBack`. The samplers dens and ans are the exception: their gates and directions are of vectors
 * and compare by inner products under every model.
 */
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import { rankByRows } from './baselines/baseline.ts'
import type { Parameter, Recommendations, RecommendRequest } from './model.ts'

export interface Scorer {
  /** all of their rows have gradients */
  readonly parameters: Readonly<Record<string, Parameter>>
  /** out[r] = the score of users[⌊r / perRow⌋] and items[r], for each row of items; vectors are rows of D */
  score(users: Floats, items: Floats, perRow: number, out: Floats): void
  /**
   * From ∂loss/∂out of `score`: adds ∂loss/∂users to `toUsers`, overwrites `toItems` with ∂loss/∂items, and adds to the
   * gradients of the parameters.
   */
  backward(users: Floats, items: Floats, derivatives: Floats, perRow: number, toUsers: Floats, toItems: Floats): void
  /** Zeroes the gradients of the parameters. */
  clear(): void
  /** The scores of a user [D] with all of `items` [I × D], to `out` [I]; what can be done once for all users is done now. */
  against(items: Floats): (user: Floats, out: Floats) => void
}

/** A trained scorer, apart from any kernels: how to make it, and the values of its parameters. */
export interface TrainedScorer {
  /** name of the model whose scorer it is */
  readonly model: string
  readonly create: (kernels: Kernels, dimensions: number, names: readonly string[]) => Scorer
  readonly values: Readonly<Record<string, Float32Array>>
}

/** The scorer at work, in kernel memory. */
export function openScorer({ create, values }: TrainedScorer, kernels: Kernels, dimensions: number): Scorer {
  const scorer = create(kernels, dimensions, Object.keys(values))
  for (const [name, parameter] of Object.entries(scorer.parameters)) parameter.values.set(values[name])
  return scorer
}

/**
 * Fills scores [rows × I] by a scorer, for the rows of `vectors` from `begin` on. What depends on the items
 * alone is worked out once, in kernel memory of the caller's scope.
 */
export function scoreByScorer(scorer: Scorer, dimensions: number, itemVectors: Floats) {
  const items = itemVectors.length / dimensions
  const scoreAll = scorer.against(itemVectors)
  return (vectors: Floats) =>
    (begin: number, scores: Floats): void => {
      for (let row = 0; row < scores.length / items; row++) {
        const vector = vectors.subarray((begin + row) * dimensions, (begin + row + 1) * dimensions)
        scoreAll(vector, scores.subarray(row * items, (row + 1) * items))
      }
    }
}

/**
 * The rankings of a request, by a scorer.
 * @param vectors [rows × D] and itemVectors [I × D] in kernel memory
 */
export function rankByScorer(
  kernels: Kernels,
  request: RecommendRequest,
  scorer: Scorer,
  dimensions: number,
  vectors: Floats,
  itemVectors: Floats,
): Recommendations {
  return kernels.memory.scope(() => {
    const score = scoreByScorer(scorer, dimensions, itemVectors)(vectors)
    return rankByRows(kernels, request, itemVectors.length / dimensions, (begin, _end, scores) => score(begin, scores))
  })
}
