/** How much of a fused score each part is to have: what validation says. */
import type { Kernels } from '../kernels/interface/kernels.ts'
import { fuse } from '../models/fusion.ts'
import type { Recommender } from '../models/recommender.ts'
import { type EvaluationRequest, evaluate } from './evaluate.ts'

/** The shares that are tried. Both ends are in it: fusing is never worse on validation than either part alone. */
const SHARES = Array.from({ length: 11 }, (_, tenth) => tenth / 10)

export interface FusionShare {
  /** of the first part */
  readonly share: number
  /** Recall@20 of every share that was tried, what training is stopped by too */
  readonly looks: readonly { readonly share: number; readonly recall: number }[]
}

/**
 * The share with the best Recall@20, the smallest of equals.
 * @param request `truth` is the validation data, never the test data
 */
export function chooseShare(
  parts: {
    readonly kernels: Kernels
    readonly first: Recommender
    readonly second: Recommender
    readonly depth: number
  },
  request: Pick<EvaluationRequest, 'truth' | 'histories' | 'seen' | 'seed' | 'signal'> & {
    /** shares done, of how many */
    readonly progress?: (done: number, total: number) => void
  },
): FusionShare {
  const { progress, ...own } = request
  const [first, second] = [remembered(parts.first), remembered(parts.second)]
  const looks = SHARES.map((share, index) => {
    const fused = fuse({ ...parts, first, second, share })
    const recall = evaluate(fused, { ...own, cutoffs: [20], metrics: ['recall'] }).metrics['recall@20']
    progress?.(index + 1, SHARES.length)
    return { share, recall }
  })
  const { share } = looks.reduce((best, look) => (look.recall > best.recall ? look : best))
  return { share, looks }
}

/** Ranks each block of users once: an evaluation asks for the same blocks every time. */
function remembered(recommender: Recommender): Recommender {
  const known = new Map<number, ReturnType<Recommender['recommend']>>()
  return {
    ...recommender,
    recommend(request) {
      const [first] = request.users!
      const lists = known.get(first) ?? recommender.recommend(request)
      known.set(first, lists)
      return lists
    },
  }
}
