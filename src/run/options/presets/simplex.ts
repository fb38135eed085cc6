import type { Preset } from './preset.ts'

export const simplex: Preset = {
  name: 'simplex',
  summary: 'SimpleX as published: 1,000 negatives per positive.',
  source: 'arXiv 2109.12613 and its settings for Gowalla; an epoch costs a thousand times that of one negative',
  values: {
    model: 'simplex',
    dimensions: 64,
    objective: 'ccl',
    rankBy: 'cosine',
    baseSampler: 'uniform',
    negatives: 1000,
    cosineMargin: 0.9,
    negativeWeight: 150,
    sharedNegatives: 0,
    batchSize: 512,
    learningRate: 0.0001,
    regularization: 1e-8,
  },
}
