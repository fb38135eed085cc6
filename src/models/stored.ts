/**
 * A recommender as arrays and a few numbers, so that it can be written down and opened elsewhere, over arrays where they lie:
 * nothing is fitted or copied again.
 */

import { DataError } from '../errors.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { openDense } from './baselines/ease.ts'
import { openFiltered } from './baselines/graph-filter.ts'
import { openNeighbors } from './baselines/item-knn.ts'
import { openPopularity } from './baselines/popularity.ts'
import { openFusion } from './fusion.ts'
import { models } from './index.ts'
import type { Recommender } from './model.ts'
import type { Tensor } from './safetensors.ts'
import { openScored } from './scored.ts'
import { openVectors } from './vectors.ts'

export interface StoredRecommender {
  /** which opener can read it */
  readonly kind: string
  readonly options: Readonly<Record<string, number | string>>
  readonly tensors: Readonly<Record<string, Tensor>>
  /** what it is put together from, by role */
  readonly parts?: Readonly<Record<string, StoredRecommender>>
}

/** What an opener works with. */
export interface OpenContext {
  readonly kernels: Kernels
  readonly options: StoredRecommender['options']
  /** @throws DataError when the model has no such tensor */
  tensor(name: string): Tensor['values']
  /** of all its tensors */
  readonly tensors: readonly string[]
  /** @throws DataError when the model has no such part */
  part(role: string): Recommender
}

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
