import { z } from 'zod'
import type { Floats } from '../kernels/interface/kernels.ts'
import { defineFeature } from './feature.ts'
import { vectorFeature } from './vector-columns.ts'

export const vectors = defineFeature({
  name: 'vectors',
  summary: 'Cosines of trained vectors: mean, closest, newest.',
  source: 'nearest neighbours among item embeddings; own combination',
  options: z.object({}),
  footprint: ({ items }, dimensions) => ({ kept: 4 * items * dimensions }),
  unavailable: ({ embeddings }) => (embeddings ? undefined : 'no vectors were trained'),
  learn: ({ embeddings, train }) => ({
    ordered: train.timestamps !== undefined,
    tensors: { vectors: { shape: [train.items, embeddings!.dimensions], values: embeddings!.itemVectors } },
  }),
  open: (kernels, tensor, ordered, items) => vectorFeature(kernels, tensor('vectors') as Floats, ordered, items),
})
