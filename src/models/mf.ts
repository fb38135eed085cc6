/** Matrix factorisation: one vector per user, one per item, nothing between. */
import { z } from 'zod'
import { defineEmbeddingModel, type EmbeddingModel } from './model.ts'
import { dimensionsOption } from './options.ts'
import { createVectorTable } from './vector-table.ts'

export const mf = defineEmbeddingModel({
  name: 'mf',
  summary: 'Matrix factorisation: inner product of user and item vectors.',
  source: 'Rendle et al., "BPR", arXiv 1205.2618',
  options: z.object({ dimensions: dimensionsOption }),
  usersByBatch: true,
  footprint: ({ users, items }, { dimensions }) => ({ hops: 1, bytes: 8 * (users + items) * dimensions }),
  create: (context, { dimensions }): EmbeddingModel => ({ ...createVectorTable(context, dimensions), direct: true }),
})
