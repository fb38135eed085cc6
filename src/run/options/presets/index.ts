import { createRegistry } from '../../../registry.ts'
import { paper } from './paper.ts'
import { recommended } from './recommended.ts'

export const presets = createRegistry('preset', [paper, recommended])
