import { createRegistry } from '../registry.ts'
import { lightgcn } from './lightgcn.ts'
import { lmf } from './lmf.ts'
import { mf } from './mf.ts'
import { neumf } from './neumf.ts'
import { ngcf } from './ngcf.ts'
import { simgcl } from './simgcl.ts'
import { simplex } from './simplex.ts'
import { xsimgcl } from './xsimgcl.ts'

/** What is trained; baselines have a registry of their own, `models/baselines/index.ts`. */
export const models = createRegistry('model', [mf, lmf, neumf, lightgcn, ngcf, simgcl, xsimgcl, simplex])
