import { createRegistry } from '../registry.ts'
import { lightgcn } from './lightgcn.ts'
import { mf } from './mf.ts'
import type { ModelDefinition } from './model.ts'

export const models = createRegistry<ModelDefinition>('model', [mf, lightgcn])
