/** Matrix factorisation: one vector a user, one an item, nothing between. */
import { z } from 'zod'
import { initializeEmbeddings, parameterOver } from './embeddings.ts'
import { defineEmbeddingModel, type EmbeddingModel } from './model.ts'
import { dimensionsOption } from './options.ts'

export const mf = defineEmbeddingModel({
  name: 'mf',
  summary: 'Matrix factorisation: the score is the inner product of a user and an item vector.',
  source: 'Rendle et al., "BPR", arXiv 1205.2618',
  options: z.object({ dimensions: dimensionsOption }),
  memory: ({ users, items }, { dimensions }) => ({ hops: 1, bytes: 8 * (users + items) * dimensions }),
  create({ train, kernels, seed }, { dimensions }): EmbeddingModel {
    const { users, items } = train
    const length = (users + items) * dimensions
    const embeddings = { ...parameterOver(kernels.memory.floats(length), kernels), sparse: true }
    initializeEmbeddings(embeddings.values, users, items, dimensions, seed)
    return {
      parameters: { embeddings },
      tables: { users, items, dimensions, hops: 1, hop: embeddings.values, pooled: embeddings.values },
      forward() {},
      backward(hopGradients, _pickedHops, touched) {
        if (!touched) embeddings.gradient.set(hopGradients)
        else kernels.copyRows(hopGradients, embeddings.gradient, dimensions, touched.rows.subarray(0, touched.count))
      },
    }
  },
})
