import { createRegistry } from '../registry.ts'
import { bce } from './bce.ts'
import { bpr } from './bpr.ts'
import { bsl } from './bsl.ts'
import { ccl } from './ccl.ts'
import { directau } from './directau.ts'
import { enmf } from './enmf.ts'
import { psl } from './psl.ts'
import { sampledSoftmax } from './sampled-softmax.ts'
import { slAtK } from './sl-at-k.ts'
import { ultragcn } from './ultragcn.ts'

export const objectives = createRegistry('objective', [
  bpr,
  sampledSoftmax,
  bce,
  directau,
  ccl,
  psl,
  bsl,
  slAtK,
  enmf,
  ultragcn,
])
