import type { Preset } from './preset.ts'

export const ultragcn: Preset = {
  name: 'ultragcn',
  summary: "UltraGCN with the authors' weights for Gowalla, fewer negatives and a higher learning rate.",
  source:
    'arXiv 2110.15114 and its released settings for Gowalla (λ 1e-4 beside a sum over 512 positives, 2e-7 beside their mean); differs: 64 ' +
    'negatives per positive in place of 1,500, batches of 1,024, a learning rate of .003, and a tenth of it once validation stops ' +
    'improving, in place of .0001; Xavier initialisation',
  values: {
    model: 'mf',
    dimensions: 64,
    objective: 'ultragcn',
    baseSampler: 'uniform',
    negatives: 64,
    batchSize: 1024,
    learningRate: 0.003,
    learningRateDrops: 1,
    regularization: 2e-7,
    regularized: 'all',
  },
}
