import type { Preset } from './preset.ts'

export const recommended: Preset = {
  name: 'recommended',
  summary: 'What did best on validation data: the structural view inside the graph, judged candidates never drawn.',
  source: 'a search on validation data, docs/recommended.md',
  values: {
    model: 'lightgcn',
    dimensions: 128,
    itemGraphWeight: 1,
    itemGraphNeighbors: 10,
    baseSampler: 'mixgcf',
    sampler: 'dual-tree',
    candidateNegatives: 32,
    use: 'exclude',
  },
}
