import { createRegistry } from '../registry.ts'
import { ease } from './baselines/ease.ts'
import { ials } from './baselines/ials.ts'
import { itemKnn } from './baselines/item-knn.ts'
import { popularity } from './baselines/popularity.ts'
import { rp3beta } from './baselines/rp3beta.ts'
import { lightgcn } from './lightgcn.ts'
import { lmf } from './lmf.ts'
import { mf } from './mf.ts'
import type { ModelDefinition } from './model.ts'
import { neumf } from './neumf.ts'
import { ngcf } from './ngcf.ts'
import { simgcl } from './simgcl.ts'
import { xsimgcl } from './xsimgcl.ts'

export const models = createRegistry<ModelDefinition>('model', [
  mf,
  lmf,
  neumf,
  lightgcn,
  ngcf,
  simgcl,
  xsimgcl,
  popularity,
  itemKnn,
  ease,
  ials,
  rp3beta,
])
