import { createRegistry } from '../registry.ts'
import { acceptAll } from './accept-all.ts'
import { prefix } from './prefix.ts'
import { random } from './random.ts'

export const judges = createRegistry('judge', [prefix, acceptAll, random])
