/** What a model folder holds, from a fitted recommender and the data that it is to serve. */
import { type Dataset, degreesOf } from '../dataset/dataset.ts'
import { historiesOf } from '../dataset/histories.ts'
import { UsageError } from '../errors.ts'
import type { Recommender } from '../models/model.ts'
import type { Tensor } from '../models/safetensors.ts'
import { tieRanks } from '../models/ties.ts'
import { type AttributeColumn, attributeTensors } from './attributes.ts'
import type { Made, ModelContent } from './model-folder.ts'
import { idTensors, textTensors } from './texts.ts'

export interface ModelSource extends Pick<Made, 'method' | 'fittedOn' | 'dataHash' | 'seed' | 'metrics'> {
  readonly recommender: Recommender
  /** the known users with all that is observed of them */
  readonly data: Dataset
  /** along the items */
  readonly titles?: readonly string[]
  readonly attributes?: readonly AttributeColumn[]
  /** path of each item in a tree, by view */
  readonly codes?: Readonly<Record<string, readonly string[]>>
}

/** @throws UsageError for a model that cannot be written down */
export function contentOf(source: ModelSource): ModelContent {
  const { recommender, data, titles, attributes = [], codes = {}, method, fittedOn, dataHash, seed, metrics } = source
  if (!recommender.store)
    throw new UsageError(
      `method "${method}" has no form that can be written down: ${recommender.needsUsers ?? 'it is a part of your own without store()'}; choose another --method`,
    )
  const { users, items, byItem } = data
  const histories = historiesOf(data)
  return {
    made: {
      ...{ method, fittedOn, dataHash, seed, metrics: { ...metrics }, users, items, coldItems: 0, notRecommendable: 0 },
      attributes: attributes.map(({ name, type }) => ({ name, type })),
    },
    recommender: recommender.store(),
    tensors: {
      ...idTensors('items', data.itemIds.ids),
      ...idTensors('cold_items', []),
      ...idTensors('not_recommendable', []),
      ...idTensors('users', data.userIds.ids),
      popularity: vector(Float32Array.from(degreesOf(byItem))),
      tie_ranks: vector(tieRanks(items, seed)),
      'histories.offsets': vector(histories.offsets),
      'histories.items': vector(histories.indices),
      ...(histories.ages && { 'histories.ages': vector(histories.ages) }),
      ...(histories.days && { 'histories.days': vector(histories.days) }),
      ...(titles && textTensors('titles', titles)),
      ...attributeTensors(attributes),
      ...Object.assign({}, ...Object.entries(codes).map(([view, paths]) => textTensors(`codes.${view}`, paths))),
    },
  }
}

const vector = (values: Tensor['values']): Tensor => ({ shape: [values.length], values })
