import { createRegistry } from '../registry.ts'
import { bpr } from './bpr.ts'

export const objectives = createRegistry('objective', [bpr])
