import { createRegistry } from '../registry.ts'
import { bpr } from './bpr.ts'
import type { ObjectiveDefinition } from './objective.ts'
import { sampledSoftmax } from './sampled-softmax.ts'

export const objectives = createRegistry<ObjectiveDefinition>('objective', [bpr, sampledSoftmax])
