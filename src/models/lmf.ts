/** Logistic matrix factorisation: MF with a bias of each user and item. */
import { z } from 'zod'
import type { Floats } from '../kernels/interface/kernels.ts'
import { defineEmbeddingModel, type EmbeddingModel } from './model.ts'
import { dimensionsOption } from './options.ts'
import { createVectorTable } from './vector-table.ts'

/**
 * score(u, i) = x_u·y_i + β_u + β_i, as one inner product: a user is (x, β_u, 1) and an item (y, 1, β_i), of which the 1 is
 * fixed. With the objective `bce` this is the paper's model.
 */
export const lmf = defineEmbeddingModel({
  name: 'lmf',
  summary: 'Matrix factorisation with user and item biases, scores as log-odds; use the objective bce.',
  source:
    'Johnson: "Logistic matrix factorization for implicit feedback data", NIPS workshop 2014; ' +
    'differs: Adam on sampled negatives; two of the dimensions hold the biases',
  options: z.object({ dimensions: dimensionsOption }),
  footprint: ({ users, items }, { dimensions }) => ({ hops: 1, bytes: 8 * (users + items) * dimensions }),
  create(context, { dimensions }): EmbeddingModel {
    const { users, items } = context.train
    const table = createVectorTable(context, dimensions)
    const { embeddings } = table
    /** Where the 1 of a node is. */
    const fixedAt = (node: number) => node * dimensions + dimensions - (node < users ? 1 : 2)
    const biasAt = (node: number) => node * dimensions + dimensions - (node < users ? 2 : 1)
    const fill = (values: Floats, at: (node: number) => number, value: number) => {
      for (let node = 0; node < users + items; node++) values[at(node)] = value
    }
    fill(embeddings.values, biasAt, 0)
    fill(embeddings.values, fixedAt, 1)
    return {
      ...table,
      forward() {
        fill(embeddings.values, fixedAt, 1)
      },
      backward(...given) {
        table.backward(...given)
        // that of the regularisation too
        fill(embeddings.gradient, fixedAt, 0)
      },
    }
  },
})
