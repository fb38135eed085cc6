import { z } from 'zod'
import { defineObjective } from '../../../src/objectives/objective.ts'

/** w Σ_k max(0, margin − s(u, p) + s(u, n_k)); the derivatives are those of the mean over the batch. */
export const hinge = defineObjective({
  name: 'hinge',
  summary: 'The positive at least a margin above each of its K negatives.',
  source: 'Weimer, Karatzoglou, Smola: "Improving maximum margin matrix factorization", Machine Learning 72 (2008)',
  options: z.object({
    margin: z.number().positive().max(100).default(1).describe('how far above a negative the positive should score'),
  }),
  create: (_kernels, { margin }) => ({
    differentiate({ size, weights }, { items, pickedHops, perPositive }, scores, derivatives, loss) {
      for (let b = 0; b < size; b++) {
        const weight = weights?.[b] ?? 1
        loss[b] = 0
        derivatives.positive[b] = 0
        for (let slot = b * perPositive; slot < (b + 1) * perPositive; slot++) {
          const missing = margin - scores.positive[b] + scores.negative[slot]
          // a slot is empty where the user has no item left to draw
          const active = missing > 0 && items[slot * pickedHops] >= 0
          derivatives.negative[slot] = active ? weight / size : 0
          if (!active) continue
          derivatives.positive[b] -= weight / size
          loss[b] += weight * missing
        }
      }
    },
  }),
})
