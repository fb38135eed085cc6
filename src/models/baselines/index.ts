import { createRegistry } from '../../registry.ts'
import { ease } from './ease.ts'
import { gfCf } from './gf-cf.ts'
import { ials } from './ials.ts'
import { itemKnn } from './item-knn.ts'
import { orderedWalk } from './ordered-walk.ts'
import { popularity } from './popularity.ts'
import { rp3beta } from './rp3beta.ts'
import { turboCf } from './turbo-cf.ts'

/** What is fitted in one go; embedding models have a registry of their own, `models/index.ts`. */
export const baselines = createRegistry('baseline', [
  popularity,
  itemKnn,
  ease,
  ials,
  rp3beta,
  orderedWalk,
  gfCf,
  turboCf,
])
