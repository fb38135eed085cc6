import { z } from 'zod'
import { cooccurrence } from '../../../src/dataset/cooccurrence.ts'
import { defineBaseline, recommendByScores } from '../../../src/models/baselines/baseline.ts'

/** score(u, j) = Σ_{i ∈ history of u} |U_i ∩ U_j|, i ≠ j. */
export const coCount = defineBaseline({
  name: 'co-count',
  summary: 'Ranks items by how often they were met together with the items of the history.',
  source: 'item-knn without the normalisation of its cosine',
  options: z.object({}),
  fit({ train, kernels }) {
    const { items, byUser } = train
    const { offsets, indices, values } = cooccurrence(train, kernels)
    return recommendByScores(kernels, train, (users, scores) => {
      scores.fill(0)
      users.forEach((user, row) => {
        for (const item of byUser.indices.subarray(byUser.offsets[user], byUser.offsets[user + 1]))
          for (let e = offsets[item]; e < offsets[item + 1]; e++) scores[row * items + indices[e]] += values[e]
      })
    })
  },
})
