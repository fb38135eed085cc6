import { z } from 'zod'
import { cooccurrence } from '../../../src/dataset/cooccurrence.ts'
import type { Histories } from '../../../src/dataset/histories.ts'
import type { Floats } from '../../../src/kernels/interface/kernels.ts'
import { defineBaseline, recommendByScores } from '../../../src/models/baselines/baseline.ts'

/** score(u, j) = Σ_{i ∈ history of u} |U_i ∩ U_j|, i ≠ j. */
export const coCount = defineBaseline({
  name: 'co-count',
  summary: 'Ranks items by how often they were met together with the items of the history.',
  source: 'item-knn without the normalisation of its cosine',
  options: z.object({}),
  fit({ train, kernels }) {
    const counts = cooccurrence(train, kernels)
    const score = (histories: Histories, scores: Floats) =>
      kernels.sumSparseRows(histories, counts, train.items, scores)
    return recommendByScores(kernels, train, score, counts)
  },
})
