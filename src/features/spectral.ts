import { z } from 'zod'
import { fillingBytes } from '../dataset/cooccurrence.ts'
import type { CsrMatrix, Floats } from '../kernels/interface/kernels.ts'
import { rp3beta } from '../models/baselines/rp3beta.ts'
import { derive } from '../random.ts'
import { subspaceCoordinates } from '../trees/subspace.ts'
import { defineFeature } from './feature.ts'
import { vectorFeature } from './vector-columns.ts'

const DIMENSIONS = 96
/** More turn the space closer to the eigenvectors, but bring no ranking forward. */
const PRODUCTS = 5
/** α = β makes the weights symmetric, as long as all are kept. */
const SYMMETRIC = { alpha: 0.5, beta: 0.5, shrinkage: 1, neighbors: 1_000_000 }

/** What items have in common at a distance: w_ij = Σ_v d_v^{−1/2} / (√(d_i d_j) + 1), in the space of its largest eigenvectors. */
export const spectral = defineFeature({
  name: 'spectral',
  summary: 'Cosines of spectral vectors of co-interactions: mean, closest, newest.',
  source: 'PureSVD, Cremonesi et al., RecSys 2010, of walks of RP³β in place of interactions; own combination',
  options: z.object({}),
  footprint: sizes => ({
    kept: 4 * sizes.items * DIMENSIONS,
    // all weights, and the block and its products
    learning: rp3beta.footprint!(sizes, SYMMETRIC) + fillingBytes(sizes) + 20 * sizes.items * DIMENSIONS,
  }),
  learn: ({ train, kernels, seed }) => ({
    ordered: train.timestamps !== undefined,
    tensors: {
      vectors: {
        shape: [train.items, DIMENSIONS],
        values: kernels.memory.scope(() =>
          subspaceCoordinates(
            rp3beta.fit({ train, kernels, seed }, SYMMETRIC).weights as CsrMatrix,
            ...([DIMENSIONS, PRODUCTS, kernels, derive(seed, 'spectral')] as const),
          ),
        ),
      },
    },
  }),
  open: (kernels, tensor, ordered, items) => vectorFeature(kernels, tensor('vectors') as Floats, ordered, items),
})
