/** How a model is trained: what does not depend on which model, sampler or objective it is. */
import { z } from 'zod'
import { choice, integer, number, positive } from '../options.ts'

export const trainingOptions = z.object({
  epochs: integer(1, 100_000, 'epochs')
    .default(300)
    .describe('maximum number of epochs; early stopping usually ends sooner'),
  batchSize: integer(1, 1_048_576, 'positives')
    .default(2048)
    .describe('positives per step; the last, smaller batch is kept'),
  optimizer: choice(['adam', 'adagrad']).describe(
    'what moves vectors: adam, or row-wise adagrad, which remembers one number per vector in place of two per element; give it a --learning-rate of its own, about 0.01',
  ),
  learningRate: positive(10).default(0.001).describe('step size of the optimizer'),
  learningRateDrops: integer(0, 10, 'times')
    .default(0)
    .describe(
      'times that the learning rate falls to a tenth, each when --patience validations bring nothing better; training ends after that',
    ),
  maxGradientNorm: number(0, 1e6)
    .default(0)
    .describe(
      'longest gradient of a step, all parameters together; a longer one is scaled down to it, which losses on cosines need where vectors are short, as at --initial-deviation 0.0001; 0 leaves it',
    ),
  initialDeviation: number(0, 10)
    .default(0)
    .describe(
      'standard deviation of the numbers of initial vectors, which are uniform about 0; 0 is Xavier, √(2 / (rows + D))',
    ),
  regularization: number(0, 10)
    .default(0.0001)
    .describe('λ of the L2 term on initial vectors; which ones, --regularized says'),
  regularized: choice(['batch', 'all']).describe(
    'vectors in the L2 term of a step: those of the batch, as often as they occur, over its size; or all, each once, which holds rare users and items back more, at a far smaller λ',
  ),
  positives: choice(['each-once', 'by-user']).describe(
    'what an epoch goes through: every interaction once; or as many draws of a user, all alike, with an interaction of theirs, so that long histories count no more than short ones',
  ),
  negatives: integer(1, 4096, 'items')
    .default(1)
    .describe('negatives picked per positive, K; time grows with it, and so does memory with an objective on vectors'),
  rankBy: choice(['inner-product', 'cosine']).describe(
    'similarity that ranks items, at validation too: losses on cosines learn nothing of lengths and need cosine',
  ),
  validateEvery: integer(1, 1000, 'epochs').default(5).describe('epochs between two validations (Recall@20)'),
  patience: integer(1, 1000, 'validations')
    .default(5)
    .describe(
      'validations without improvement in Recall@20 after which training ends, or --learning-rate-drops takes effect',
    ),
  checkpointEvery: integer(1, 1000, 'epochs')
    .default(5)
    .describe('epochs between two checkpoints, from which a killed run resumes'),
})

export type TrainingOptions = z.output<typeof trainingOptions>
