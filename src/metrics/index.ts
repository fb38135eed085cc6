import { createRegistry } from '../registry.ts'
import { coverage } from './coverage.ts'
import { gini } from './gini.ts'
import { hitRate } from './hit-rate.ts'
import { map } from './map.ts'
import type { MetricDefinition } from './metric.ts'
import { mrr } from './mrr.ts'
import { ndcg } from './ndcg.ts'
import { novelty } from './novelty.ts'
import { precision } from './precision.ts'
import { recall } from './recall.ts'

export const metrics = createRegistry<MetricDefinition>('metric', [
  recall,
  ndcg,
  precision,
  hitRate,
  map,
  mrr,
  coverage,
  gini,
  novelty,
])
