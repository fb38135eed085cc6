/** Rankings by the scorer of a model that has one, and the recommender that it makes with vectors. */
import type { DataSizes } from '../dataset/dataset.ts'
import { RunError } from '../errors.ts'
import type { CsrPattern, Floats, Kernels } from '../kernels/interface/kernels.ts'
import { rankByRows, SCORE_BLOCK } from './baselines/baseline.ts'
import { NO_DECAY } from './decay.ts'
import type { ModelTables, Scorer, TrainedScorer } from './model.ts'
import type { OpenContext, Recommendations, Recommender, RecommendRequest } from './recommender.ts'
import type { StoredRecommender } from './stored.ts'
import { rankByVectors, userVectors } from './vectors.ts'

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

/** What ranking by a scorer takes of kernel memory, for validation: scores of all items, and the vectors once more. */
export function scoringBytes({ users, items }: Pick<DataSizes, 'users' | 'items'>, dimensions: number): number {
  return Math.min(SCORE_BLOCK, 4096 * items) + 4 * (users + 2 * items) * dimensions
}

interface RankedVectors extends Pick<ModelTables, 'items' | 'dimensions' | 'scorer'> {
  /** [I × D] in kernel memory */
  readonly itemVectors: Floats
}

/**
 * The rankings of a request, by inner products or the scorer.
 * @param vectors [rows × D] in kernel memory
 */
export function rankByEither(
  kernels: Kernels,
  request: RecommendRequest,
  { items, dimensions, itemVectors, scorer }: RankedVectors,
  vectors: Floats,
): Recommendations {
  if (!scorer) return rankByVectors(kernels, request, items, dimensions, vectors, itemVectors)
  return kernels.memory.scope(() => {
    const score = scoreByScorer(scorer, dimensions, itemVectors)(vectors)
    return rankByRows(kernels, request, items, (begin, _end, scores) => score(begin, scores))
  })
}

export interface ScoredModel {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  /** [U × D] */
  readonly userVectors: Float32Array
  /** [I × D] */
  readonly itemVectors: Float32Array
  /** the histories that the users' vectors were trained with */
  readonly trained: CsrPattern
  readonly scorer: TrainedScorer
}

const NEEDS_USERS = 'its vectors belong to the users it was trained on, with the histories it was trained on'

/** Begins the names of the tensors of the scorer. */
const SCORER = 'scorer.'

/** Refuses whoever it was not trained on. */
export function scorerRecommender(kernels: Kernels, model: ScoredModel): Recommender {
  const { users, items, dimensions, scorer } = model
  const { memory } = kernels
  const vectorsOf = userVectors(kernels, { ...model, decay: NO_DECAY }, () => {
    throw new RunError(`a history is not that of a user it was trained on: ${NEEDS_USERS}`)
  })
  const scoreRows = scoreByScorer(
    openScorer(scorer, kernels, dimensions),
    dimensions,
    memory.resident(model.itemVectors),
  )
  return {
    users,
    items,
    recommend: request =>
      memory.scope(() => {
        const score = scoreRows(vectorsOf(request))
        return rankByRows(kernels, request, items, (begin, _end, scores) => score(begin, scores))
      }),
    score: (block, scores) => memory.scope(() => scoreRows(vectorsOf(block))(0, scores)),
    store: () => storeScored(model),
    needsUsers: NEEDS_USERS,
  }
}

function storeScored({ users, items, dimensions, trained, scorer, ...tables }: ScoredModel): StoredRecommender {
  const vectorOf = (values: Float32Array | Int32Array) => ({ shape: [values.length], values })
  return {
    kind: 'scorer',
    options: { users, items, dimensions, model: scorer.model },
    tensors: {
      user_vectors: { shape: [users, dimensions], values: tables.userVectors },
      item_vectors: { shape: [items, dimensions], values: tables.itemVectors },
      trained_offsets: vectorOf(trained.offsets),
      trained_items: vectorOf(trained.indices),
      ...Object.fromEntries(Object.entries(scorer.values).map(([name, own]) => [SCORER + name, vectorOf(own)])),
    },
  }
}

export function openScored(
  { kernels, options, tensor, tensors }: OpenContext,
  create: TrainedScorer['create'],
): Recommender {
  const { users, items, dimensions } = options as Record<string, number>
  const values = tensors
    .filter(name => name.startsWith(SCORER))
    .map(name => [name.slice(SCORER.length), tensor(name) as Float32Array] as const)
  return scorerRecommender(kernels, {
    ...{ users, items, dimensions },
    userVectors: tensor('user_vectors') as Float32Array,
    itemVectors: tensor('item_vectors') as Float32Array,
    trained: { offsets: tensor('trained_offsets') as Int32Array, indices: tensor('trained_items') as Int32Array },
    scorer: { model: String(options.model), create, values: Object.fromEntries(values) },
  })
}
