/** A ranking with its second stage as one recommender, that can be written down. */

import { RunError } from '../errors.ts'
import { features } from '../features/index.ts'
import { type LearnedFeatures, openFeatures } from '../features/table.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import type { OpenContext, Recommender } from '../models/recommender.ts'
import type { StoredRecommender } from '../models/stored.ts'
import type { LinearScore } from '../statistics/linear.ts'
import { poolTable, rerank } from './second-stage.ts'

/** Trees add nothing to the ranking beside the other features: a ranking does not wait for them. */
const learnedFeatures = () => features.names.filter(name => name !== 'codes' && name !== 'verdicts')

/** Names of the features of a second stage. */
export function rankingFeatures(kind: 'learned' | 'judge', judged: boolean): readonly string[] {
  return [...(kind === 'learned' ? learnedFeatures() : []), ...(judged ? ['verdicts'] : [])]
}

export interface Reranked {
  readonly first: Recommender
  readonly learned: Pick<LearnedFeatures, 'states'>
  readonly score: LinearScore
  /** of the columns that the score was fitted to */
  readonly names: readonly string[]
  /** where users have scores of their own, −1 for somebody who is not known: `score` for all when absent */
  readonly scoreOf?: (user: number) => LinearScore
}

/** Good for the scope of kernel memory in which it is made. */
export function reranked(
  kernels: Kernels,
  { first, learned, score, names, scoreOf = () => score }: Reranked,
): Recommender {
  const table = poolTable(openFeatures(learned, kernels, first.items))
  if (table.names.join() !== names.join())
    throw new RunError(
      `the second stage was fitted to other features than there are now: expected ${names.join(', ')}; found ${table.names.join(', ')}. Interactions may have lost their times: make the split again`,
    )
  // a judge alone says nothing of somebody who is not known
  const silent = learned.states.every(({ definition }) => definition.name === 'verdicts')
  return {
    ...rerank(first, table, user => (silent && user < 0 ? undefined : scoreOf(user))),
    parts: [first],
    ...(first.store && { store: () => storeReranked(first.store!(), learned, score, names) }),
  }
}

interface StoredFeature {
  readonly name: string
  readonly ordered: boolean
  readonly tensors: readonly string[]
}

function storeReranked(
  first: StoredRecommender,
  { states }: Pick<LearnedFeatures, 'states'>,
  score: LinearScore,
  names: readonly string[],
): StoredRecommender {
  const stored = states.map(({ definition: { name }, state: { ordered, tensors } }): StoredFeature => {
    return { name, ordered, tensors: Object.keys(tensors) }
  })
  const all = states.flatMap(({ definition, state }) =>
    Object.entries(state.tensors).map(([name, tensor]) => [`${definition.name}.${name}`, tensor] as const),
  )
  return {
    kind: 'reranked',
    options: { features: JSON.stringify(stored), score: JSON.stringify(score), names: JSON.stringify(names) },
    tensors: Object.fromEntries(all),
    parts: { first },
  }
}

export function openReranked({ kernels, options, tensor, part }: OpenContext): Recommender {
  const stored: StoredFeature[] = JSON.parse(String(options.features))
  const states = stored.map(({ name, ordered, tensors }) => ({
    definition: features.get(name),
    state: {
      ordered,
      tensors: Object.fromEntries(
        tensors.map(own => {
          const values = tensor(`${name}.${own}`)
          return [own, { shape: [values.length], values }]
        }),
      ),
    },
  }))
  const [score, names] = [options.score, options.names].map(own => JSON.parse(String(own)))
  return reranked(kernels, { first: part('first'), learned: { states }, score, names })
}
