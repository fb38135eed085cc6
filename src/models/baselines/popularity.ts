/** The same list for everyone: the floor that a model must clear. */
import { z } from 'zod'
import { degreesOf } from '../../dataset/csr.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Floats, Kernels } from '../../kernels/interface/kernels.ts'
import type { OpenContext, Recommender } from '../recommender.ts'
import { defineBaseline, recommendByScores } from './baseline.ts'

/** The score of an item is the number of its users in train. */
export const popularity = defineBaseline({
  name: 'popularity',
  summary: 'Number of users who interacted with an item.',
  source:
    'Cremonesi, Koren, Turrin: "Performance of recommender algorithms on top-N recommendation tasks", RecSys 2010 (TopPop)',
  options: z.object({}),
  fit: ({ train, kernels }) => recommendPopular(kernels, train, Float32Array.from(degreesOf(train.byItem))),
})

export function recommendPopular(
  kernels: Kernels,
  { users, items }: Pick<Dataset, 'users' | 'items'>,
  counts: Floats,
): Recommender {
  return recommendByScores(
    kernels,
    { users, items },
    (_histories, scores) => {
      for (let first = 0; first < scores.length; first += items) scores.set(counts, first)
    },
    {
      store: () => ({
        kind: 'popularity',
        options: { users, items },
        tensors: { popularity: { shape: [items], values: counts } },
      }),
    },
  )
}

export function openPopularity({ kernels, options, tensor }: OpenContext): Recommender {
  return recommendPopular(kernels, options as { users: number; items: number }, tensor('popularity') as Floats)
}
