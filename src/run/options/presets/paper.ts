import type { Preset } from './preset.ts'

/** Every value is said, also where it is the default today. */
export const paper: Preset = {
  name: 'paper',
  summary: 'DTL-NS as published: LightGCN, BPR, judged positives as training pairs, dual-tree over MixGCF.',
  source: 'arXiv 2602.18249 and its released settings; differs: the prefix rule judges, not a language model',
  values: {
    model: 'lightgcn',
    dimensions: 64,
    layers: 3,
    objective: 'bpr',
    negatives: 1,
    batchSize: 2048,
    learningRate: 0.001,
    regularization: 0.0001,
    baseSampler: 'mixgcf',
    sampler: 'dual-tree',
    base: 'mixgcf',
    candidateNegatives: 10,
    structuralWeight: 0.1,
    semanticWeight: 0.3,
    eigenvectors: 32,
    branches: 4,
    leafSize: 30,
    candidatesPerUser: 20,
    use: 'positives',
  },
}
