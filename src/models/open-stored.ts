/** Opens what recommenders store of themselves, each kind by its own opener. */
import { DataError } from '../errors.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { openDense } from './baselines/ease.ts'
import { openFiltered } from './baselines/graph-filter.ts'
import { openNeighbors } from './baselines/item-knn.ts'
import { openPopularity } from './baselines/popularity.ts'
import { openFusion } from './fusion.ts'
import { models } from './index.ts'
import type { OpenContext, Recommender } from './recommender.ts'
import { openScored } from './scored.ts'
import type { StoredRecommender } from './stored.ts'
import { openVectors } from './vectors.ts'

export type Openers = Readonly<Record<string, (context: OpenContext) => Recommender>>

const openers: Openers = {
  dense: openDense,
  fusion: openFusion,
  'graph-filter': openFiltered,
  neighbors: openNeighbors,
  popularity: openPopularity,
  scorer: context => openScored(context, models.get(String(context.options.model)).scorer!),
  vectors: openVectors,
}

/**
 * Good for the scope of kernel memory in which it is opened.
 * @param source of the arrays, for messages
 * @param more kinds that are put together from others further on
 */
export function openStored(
  stored: StoredRecommender,
  kernels: Kernels,
  source: string,
  more: Openers = {},
): Recommender {
  const broken = (what: string) => new DataError(`${source}: the model has no ${what}; export it again`)
  const open = openers[stored.kind] ?? more[stored.kind]
  if (!open) throw new DataError(`${source}: this version of dualtree knows no model of kind "${stored.kind}"`)
  return open({
    kernels,
    options: stored.options,
    tensors: Object.keys(stored.tensors),
    tensor(name) {
      const tensor = stored.tensors[name]
      if (!tensor) throw broken(`tensor "${name}"`)
      return tensor.values
    },
    part(role) {
      const part = stored.parts?.[role]
      if (!part) throw broken(`part "${role}"`)
      return openStored(part, kernels, source, more)
    },
  })
}
