/** How a model is trained: what does not depend on which model, sampler or objective it is. */
import { z } from 'zod'

export const trainingOptions = z.object({
  epochs: z
    .int()
    .min(1)
    .max(100_000)
    .default(300)
    .describe('maximum number of epochs; early stopping usually ends sooner')
    .meta({ unit: 'epochs' }),
  batchSize: z
    .int()
    .min(1)
    .max(1_048_576)
    .default(2048)
    .describe('positives per step; the last, smaller batch is kept')
    .meta({ unit: 'positives' }),
  learningRate: z.number().positive().max(10).default(0.001).describe('step size of Adam'),
  regularization: z
    .number()
    .min(0)
    .max(10)
    .default(0.0001)
    .describe('λ of the L2 term on the initial vectors of each batch'),
  negatives: z
    .int()
    .min(1)
    .max(4096)
    .default(1)
    .describe('negatives picked per positive, K; time grows with it, and so does memory with an objective on vectors')
    .meta({ unit: 'items' }),
  rankBy: z
    .enum(['inner-product', 'cosine'])
    .default('inner-product')
    .describe(
      'similarity that ranks items, at validation too: losses on cosines learn nothing of lengths and need cosine',
    ),
  validateEvery: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('epochs between two validations (Recall@20)')
    .meta({ unit: 'epochs' }),
  patience: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('validations without improvement in Recall@20 after which training ends')
    .meta({ unit: 'validations' }),
  checkpointEvery: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('epochs between two checkpoints, from which a killed run resumes')
    .meta({ unit: 'epochs' }),
})

export type TrainingOptions = z.output<typeof trainingOptions>
