import type { Preset } from './preset.ts'

export const simplex: Preset = {
  name: 'simplex',
  summary: "SimpleX with the authors' settings for Gowalla; a batch shares its negatives.",
  source:
    'arXiv 2109.12613 and its released settings for Gowalla; differs: a batch shares 2,000 negatives in place of 2,000 of each positive, batches and ' +
    'learning rate four times as large, the mean of a history in place of attention, over the vectors that items are ranked by, Xavier vectors, ' +
    "gradients as they are, no negatives that are the user's; the learning rate falls where validation stops getting better, as there",
  values: {
    model: 'simplex',
    dimensions: 64,
    ownShare: 0.8,
    objective: 'ccl',
    rankBy: 'cosine',
    baseSampler: 'uniform',
    negatives: 1,
    cosineMargin: 0.9,
    negativeWeight: 250,
    sharedNegatives: 2000,
    userDropout: 0.1,
    batchSize: 1024,
    learningRate: 0.0004,
    learningRateDrops: 1,
    regularization: 1e-7,
    regularized: 'all',
  },
}
