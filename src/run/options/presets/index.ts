import { createRegistry } from '../../../registry.ts'
import { mfGuarded } from './mf-guarded.ts'
import { paper } from './paper.ts'
import { recommended } from './recommended.ts'

export const presets = createRegistry('preset', [paper, recommended, mfGuarded])
