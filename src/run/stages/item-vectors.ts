/** Vectors of items that a run is given, for the stages that use them. */
import type { Dataset } from '../../dataset/dataset.ts'
import type { ItemOptions } from '../../dataset/items/texts.ts'
import { describeItemVectors, type ItemVectors, readItemVectors } from '../../dataset/items/vectors.ts'
import { sha256OfFile } from '../../files.ts'
import type { RunPlan } from '../options/plan.ts'
import type { StageReporter } from '../stage.ts'

type Use = ItemOptions['itemVectorsIn'][number]

/** The file, where it is for that. */
export const itemVectorsFile = ({ items: { itemVectors, itemVectorsIn } }: RunPlan, use: Use): string | undefined =>
  itemVectorsIn.includes(use) ? itemVectors : undefined

export async function itemVectorsFor(
  plan: RunPlan,
  use: Use,
  { itemIds }: Pick<Dataset, 'itemIds'>,
  report: Pick<StageReporter, 'message'>,
): Promise<ItemVectors | undefined> {
  const path = itemVectorsFile(plan, use)
  if (path === undefined) return
  const found = await readItemVectors(path, itemIds)
  const said = describeItemVectors(path, itemIds, found)
  if (said !== undefined) report.message(said)
  return found
}

/** What a stage's result hangs on. */
export async function itemVectorsInput(plan: RunPlan, ...uses: Use[]): Promise<Record<string, string>> {
  const used = uses.filter(use => itemVectorsFile(plan, use) !== undefined)
  if (used.length === 0) return {}
  const hash = await sha256OfFile(plan.items.itemVectors!)
  return Object.fromEntries(used.map(use => [use === 'side' ? 'sideVectors' : 'itemVectors', hash]))
}
