/** Every part there is, as `dualtree list --json` and the docs show it. */
import { formats } from '../dataset/formats/index.ts'
import { features } from '../features/index.ts'
import { judges } from '../judges/index.ts'
import { metrics } from '../metrics/index.ts'
import { baselines } from '../models/baselines/index.ts'
import { models } from '../models/index.ts'
import { objectives } from '../objectives/index.ts'
import { describePart, type PartInfo } from '../registry.ts'
import { samplers } from '../samplers/index.ts'

export type PartKind =
  | 'models'
  | 'baselines'
  | 'samplers'
  | 'objectives'
  | 'metrics'
  | 'formats'
  | 'features'
  | 'judges'

export function listParts(): Record<PartKind, PartInfo[]> {
  return {
    models: models.parts.map(describePart),
    baselines: baselines.parts.map(describePart),
    samplers: samplers.parts.map(describePart),
    objectives: objectives.parts.map(describePart),
    metrics: metrics.parts.map(describePart),
    formats: formats.parts.map(describePart),
    features: features.parts.map(describePart),
    judges: judges.parts.map(describePart),
  }
}
