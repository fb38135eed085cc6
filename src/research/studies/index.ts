import { createRegistry } from '../../registry.ts'
import { ablation } from './ablation.ts'
import { alpha } from './alpha.ts'
import { efficiency } from './efficiency.ts'
import { headroom } from './headroom.ts'
import { identification } from './identification.ts'
import { ingredients } from './ingredients.ts'
import { integration } from './integration.ts'
import { judges } from './judges.ts'
import { noise } from './noise.ts'
import { splits } from './splits.ts'
import type { StudyDefinition } from './study.ts'

export const studies = createRegistry<StudyDefinition>('study', [
  headroom,
  identification,
  alpha,
  ablation,
  ingredients,
  integration,
  efficiency,
  noise,
  splits,
  judges,
])
