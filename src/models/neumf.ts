/** NeuMF: a product of vectors and a perceptron over others, weighed by one last layer. */
import { z } from 'zod'
import { integer } from '../options.ts'
import { defineEmbeddingModel, type EmbeddingModel } from './model.ts'
import { createNeumfScorer } from './neumf-scorer.ts'
import { dimensionsOption } from './options.ts'
import { scoringBytes } from './scored.ts'
import { createVectorTable } from './vector-table.ts'

/**
 * A score is that of a network, see `neumf-scorer.ts`, over two vectors of `dimensions` F for each user and item, so that it takes an objective on scores: `bce` is the paper's. Cost of a
 * pair O(F²), in training and in ranking.
 */
export const neumf = defineEmbeddingModel({
  name: 'neumf',
  summary: 'Neural network: products of vectors beside a perceptron; slow to rank. Use the objective bce.',
  source:
    'He et al., "Neural collaborative filtering", WWW 2017, arXiv 1708.05031; differs: both parts have F dimensions and are ' +
    'trained together from the start, with the initial vectors of the other models; samplers that mix compare mixed scores',
  options: z.object({
    dimensions: dimensionsOption,
    mlpLayers: integer(1, 6)
      .default(3)
      .describe('P, layers of the perceptron: the first F wide, each half as wide as the one before'),
  }),
  footprint: ({ users, items }, { dimensions }) => ({
    ...{ hops: 1, vectorLength: 2 * dimensions },
    bytes:
      16 * (users + items) * dimensions + 4 * 1024 * 6 * dimensions + scoringBytes({ users, items }, 2 * dimensions),
  }),
  create(context, { dimensions, mlpLayers }): EmbeddingModel {
    const table = createVectorTable(context, 2 * dimensions)
    const scorer = createNeumfScorer(context.kernels, context.seed, 2 * dimensions, mlpLayers)
    return { ...table, tables: { ...table.tables, scorer }, parameters: { ...table.parameters, ...scorer.parameters } }
  },
  scorer: (kernels, length, names) =>
    createNeumfScorer(kernels, 0, length, 1 + names.filter(name => /^mlp\.\d+\.weight$/.test(name)).length),
})
