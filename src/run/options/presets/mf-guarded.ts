import type { Preset } from './preset.ts'

export const mfGuarded: Preset = {
  name: 'mf-guarded',
  summary: 'Cheap: matrix factorisation with very hard negatives, never candidates of RP³β.',
  source:
    'own; hard negatives: Zhang et al., SIGIR 2013; guarding them is what a perfect judge could not improve on here',
  values: {
    model: 'mf',
    dimensions: 64,
    objective: 'bpr',
    learningRate: 0.001,
    baseSampler: 'dns',
    sampler: 'dns',
    candidateNegatives: 64,
    candidateModel: 'rp3beta',
    candidatesPerUser: 30,
    judge: 'accept-all',
    use: 'exclude',
    rp3betaAlpha: 0.5,
    rp3betaBeta: 0.25,
    rp3betaShrinkage: 2,
    rp3betaNeighbors: 1000,
  },
}
