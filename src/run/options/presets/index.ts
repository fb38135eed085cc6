import { createRegistry } from '../../../registry.ts'
import { mfGuarded } from './mf-guarded.ts'
import { paper } from './paper.ts'
import { recommended } from './recommended.ts'
import { simplex } from './simplex.ts'
import { ultragcn } from './ultragcn.ts'

export const presets = createRegistry('preset', [paper, recommended, mfGuarded, simplex, ultragcn])
