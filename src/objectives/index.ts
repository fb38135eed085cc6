import { createRegistry } from '../registry.ts'
import { bce } from './bce.ts'
import { bpr } from './bpr.ts'
import { directau } from './directau.ts'
import { sampledSoftmax } from './sampled-softmax.ts'

export const objectives = createRegistry('objective', [bpr, sampledSoftmax, bce, directau])
