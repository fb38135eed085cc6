/** What early stopping goes by. */

import type { Kernels } from '../kernels/interface/kernels.ts'
import type { Recommender } from '../models/recommender.ts'
import { rankByEither } from '../models/scored.ts'
import { checkRequest, kernels as kernelsShape, pattern } from '../requests.ts'
import type { EmbeddingView } from '../training/ranked.ts'
import { type EvaluationRequest, evaluate, evaluationFields } from './evaluate.ts'

const OF_KERNELS = { kernels: kernelsShape }
const FIELDS = { ...evaluationFields, histories: pattern.optional() }

/**
 * What a trainer asks after an epoch: recall@20 of the vectors as they stand in kernel memory, which one metric at one
 * cut-off keeps cheap.
 * @throws UsageError for a field that is missing
 */
export function createValidation(
  kernels: Kernels,
  request: Pick<EvaluationRequest, 'truth' | 'seen' | 'seed'>,
): (view: EmbeddingView) => number {
  checkRequest('createValidation', OF_KERNELS, { kernels })
  checkRequest('createValidation', FIELDS, request)
  const { memory } = kernels
  return view => {
    const { users, items, dimensions, userVectors, gatherUsers } = view
    const recommender: Recommender = {
      users,
      items,
      recommend: ranking =>
        memory.scope(() => {
          const known = memory.copy(ranking.users!)
          const vectors = memory.floats(known.length * dimensions)
          if (gatherUsers) gatherUsers(known, vectors)
          else kernels.gatherRows(userVectors, dimensions, known, vectors)
          return rankByEither(kernels, ranking, view, vectors)
        }),
    }
    // the vectors are those of the users: no history enters
    const ranking = { ...request, histories: request.seen, cutoffs: [20], metrics: ['recall'] }
    return evaluate(recommender, ranking).metrics['recall@20']
  }
}
