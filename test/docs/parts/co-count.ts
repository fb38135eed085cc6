import { z } from 'zod'
import { cooccurrence } from '../../../src/dataset/cooccurrence.ts'
import { defineBaseline } from '../../../src/models/baselines/baseline.ts'
import { recommendByNeighbors } from '../../../src/models/baselines/item-knn.ts'

/** score(u, j) = Σ_{i ∈ history of u} |U_i ∩ U_j|, i ≠ j. */
export const coCount = defineBaseline({
  name: 'co-count',
  summary: 'Ranks items by how often they occur together with the items of the history.',
  source: 'item-knn without the normalisation of its cosine',
  options: z.object({}),
  fit: ({ train, kernels }) => recommendByNeighbors(kernels, train, cooccurrence(train, kernels)),
})
