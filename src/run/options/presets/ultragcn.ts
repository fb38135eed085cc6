import type { Preset } from './preset.ts'

export const ultragcn: Preset = {
  name: 'ultragcn',
  summary: 'UltraGCN as published: 1,500 negatives per positive.',
  source:
    'arXiv 2110.15114 and its settings for Gowalla; differs: L2 of a batch, 1e-5, which comes near 1e-4 on all vectors; Xavier initialisation',
  values: {
    model: 'mf',
    dimensions: 64,
    objective: 'ultragcn',
    baseSampler: 'uniform',
    negatives: 1500,
    batchSize: 512,
    learningRate: 0.0001,
    regularization: 1e-5,
  },
}
