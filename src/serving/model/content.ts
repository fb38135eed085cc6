/** What a model folder holds, from a fitted recommender and the data that it is to serve. */

import { degreesOf } from '../../dataset/csr.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { historiesOf } from '../../dataset/histories.ts'
import { UsageError } from '../../errors.ts'
import type { Recommender } from '../../models/recommender.ts'
import type { Tensor } from '../../models/safetensors.ts'
import { tieRanks } from '../../models/ties.ts'
import { attributeTensors } from '../items/attributes.ts'
import { withColdItems } from '../items/cold-items.ts'
import type { ItemData } from '../items/item-data.ts'
import { idTensors, textTensors } from '../items/texts.ts'
import type { Made, ModelContent } from './model-folder.ts'

export interface ModelSource extends Pick<Made, 'method' | 'fittedOn' | 'dataHash' | 'seed' | 'metrics'> {
  readonly recommender: Recommender
  /** the known users with all that is observed of them */
  readonly data: Dataset
  /** what is known of the items, and items that nobody has interacted with */
  readonly items?: ItemData
  /** path of each item in a tree, by view */
  readonly codes?: Readonly<Record<string, readonly string[]>>
}

/** @throws UsageError for a model that cannot be written down, or has no place for items without interactions */
export function contentOf(source: ModelSource): ModelContent {
  const { recommender, method, items, fittedOn } = source
  if (!recommender.store)
    throw new UsageError(
      `method "${method}" has no form that can be written down: it is too large for a model folder (EASE beyond 20,000 items), or a part of your own without store(); choose another --method`,
    )
  if (recommender.needsUsers !== undefined && fittedOn === 'train')
    throw new UsageError(
      `method "${method}" cannot be exported as it was trained for the table: ${recommender.needsUsers}; fit it on all data first: dualtree fit RUN --method ${method}`,
    )
  const stored = recommender.store()
  return {
    ...describeContent(source),
    recommender: items && items.cold.length > 0 ? withColdItems(stored, items.neighbors) : stored,
  }
}

/** All but the recommender. */
export function describeContent(source: Omit<ModelSource, 'recommender'>): Omit<ModelContent, 'recommender'> {
  const { data, codes = {}, method, fittedOn, dataHash, seed, metrics } = source
  const { titles, attributes, cold, notRecommendable } = source.items ?? NO_ITEM_DATA
  const items = data.items + cold.length
  const histories = historiesOf(data)
  const popularity = new Float32Array(items)
  popularity.set(degreesOf(data.byItem))
  return {
    made: {
      ...{ method, fittedOn, dataHash, seed, metrics: { ...metrics }, users: data.users, items },
      ...{ coldItems: cold.length, notRecommendable: notRecommendable.length },
      attributes: attributes.map(({ name, type }) => ({ name, type })),
    },
    tensors: {
      ...idTensors('items', data.itemIds.ids),
      ...idTensors('cold_items', cold),
      ...idTensors('not_recommendable', notRecommendable),
      ...idTensors('users', data.userIds.ids),
      popularity: vector(popularity),
      tie_ranks: vector(ranksWithCold(data.items, cold.length, seed)),
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

export const NO_ITEM_DATA: ItemData = {
  ...{ attributes: [], cold: [], notRecommendable: [], missing: 0 },
  neighbors: { offsets: new Int32Array(1), indices: new Int32Array(0) },
}

/** The order of the items with interactions is what it is without others; those come after them. */
function ranksWithCold(warm: number, cold: number, seed: number): Int32Array {
  const ranks = new Int32Array(warm + cold)
  ranks.set(tieRanks(warm, seed))
  for (let item = warm; item < ranks.length; item++) ranks[item] = item
  return ranks
}

const vector = (values: Tensor['values']): Tensor => ({ shape: [values.length], values })
