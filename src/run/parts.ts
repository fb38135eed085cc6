/** Every part there is, as `dualtree list --json` and the docs show it. */
import { formats } from '../dataset/formats/index.ts'
import { features } from '../features/index.ts'
import { judges } from '../judges/index.ts'
import { metrics } from '../metrics/index.ts'
import { baselines } from '../models/baselines/index.ts'
import { models } from '../models/index.ts'
import { objectives } from '../objectives/index.ts'
import { describePart, type Part, type PartInfo, type Registry } from '../registry.ts'
import { samplers } from '../samplers/index.ts'

const REGISTRIES = { models, baselines, samplers, objectives, metrics, formats, features, judges }

export type PartKind = keyof typeof REGISTRIES

export const registries: readonly Registry<Part>[] = Object.values(REGISTRIES)

export function listParts(): Record<PartKind, PartInfo[]> {
  const lists = Object.entries(REGISTRIES).map(([kind, { parts }]) => [kind, parts.map(describePart)])
  return Object.fromEntries(lists)
}
