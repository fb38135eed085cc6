/** Negatives that a sampler picks with vectors that are trained already, for trainings elsewhere. */

import { degreesOf, rowOfEntry } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { UsageError } from '../errors.ts'
import type { Codes, CsrPattern, Kernels } from '../kernels/interface/kernels.ts'
import { type Embeddings, scorePairsBy, tablesOf } from '../models/embeddings.ts'
import { residentPattern } from '../models/rows.ts'
import { filledPlaces } from '../places.ts'
import { codeSimilarity } from '../trees/codes.ts'
import { createSampler, type SamplerChoice } from './index.ts'

export interface NegativesRequest {
  readonly kernels: Kernels
  readonly embeddings: Embeddings
  /** its interactions are the positives */
  readonly train: Dataset
  /** user → items never drawn */
  readonly forbidden: CsrPattern
  readonly sampler: SamplerChoice
  readonly codes: { readonly structural: Codes; readonly semantic: Codes }
  /** K */
  readonly perPositive: number
  readonly seed: number
}

/** Along the negatives, K of a positive one after another. */
export interface NegativeRows {
  readonly users: Int32Array
  readonly positives: Int32Array
  readonly negatives: Int32Array
  /** what the vectors say of user and negative */
  readonly scores: Float32Array
  /** of the codes of positive and negative in each tree, 0 to 1 */
  readonly structural: Float32Array
  readonly semantic: Float32Array
  /** positives whose user had no item left to draw */
  readonly skipped: number
}

/** Positives that are drawn for at once. */
const BATCH = 2048

/**
 * One item a negative: of a model of several hops the final vectors pick, as if there were one. A user's items are in
 * ascending order.
 * @throws UsageError for a sampler that learns or remembers, whose state no file holds
 */
export function drawNegatives(request: NegativesRequest): NegativeRows {
  return request.kernels.memory.scope(() => drawInScope(request))
}

function drawInScope({ kernels, embeddings, train, codes, ...request }: NegativesRequest): NegativeRows {
  const { memory } = kernels
  const { perPositive, seed, forbidden } = request
  const resident = ({ depth, values }: Codes) => ({ depth, values: memory.copy(values) })
  const sampler = createSampler(request.sampler, {
    ...{ kernels, perPositive, seed, batchSize: BATCH, degrees: degreesOf(train.byItem) },
    tables: tablesOf(embeddings, kernels),
    forbidden: residentPattern(memory, forbidden),
    codes: { structural: resident(codes.structural), semantic: resident(codes.semantic) },
  })
  if (sampler.learning || sampler.state)
    throw new UsageError(
      'negatives cannot be exported of a sampler that learns or remembers while it trains: its state is not kept; take a --method with another sampler',
    )
  const owners = rowOfEntry(train.byUser)
  const { indices } = train.byUser
  const drawn = new Int32Array(owners.length * perPositive)
  const batch = { users: memory.ints(BATCH), positives: memory.ints(BATCH) }
  for (let begin = 0, index = 0; begin < owners.length; begin += BATCH, index++) {
    const size = Math.min(BATCH, owners.length - begin)
    batch.users.set(owners.subarray(begin, begin + size))
    batch.positives.set(indices.subarray(begin, begin + size))
    const { items: picked } = sampler.sample({ size, ...batch }, { epoch: 1, batch: index })
    drawn.set(picked.subarray(0, size * perPositive), begin * perPositive)
  }
  const rows = filledPlaces(drawn)
  const negatives = rows.map(row => drawn[row])
  const ofRows = (values: Int32Array) => rows.map(row => values[Math.floor(row / perPositive)])
  const [usersOf, positives] = [ofRows(owners), ofRows(indices)]
  const similarity = (view: Codes) =>
    Float32Array.from(negatives, (item, row) => codeSimilarity(view, positives[row], item))
  return {
    ...{ users: usersOf, positives, negatives },
    scores: scorePairsBy(embeddings, kernels, usersOf, negatives),
    ...{ structural: similarity(codes.structural), semantic: similarity(codes.semantic) },
    skipped: (drawn.length - rows.length) / perPositive,
  }
}
