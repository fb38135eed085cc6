import { createRegistry } from '../registry.ts'
import { coInteraction } from './co-interaction.ts'
import { codes } from './codes.ts'
import { cosine } from './cosine.ts'
import type { FeatureDefinition } from './feature.ts'
import { nextItems, orderedWalks } from './ordered-walk.ts'
import { popularity } from './popularity.ts'
import { spectral } from './spectral.ts'
import { vectors } from './vectors.ts'
import { verdicts } from './verdicts.ts'

export const features = createRegistry<FeatureDefinition>('feature', [
  coInteraction,
  cosine,
  orderedWalks,
  nextItems,
  vectors,
  spectral,
  popularity,
  codes,
  verdicts,
])
