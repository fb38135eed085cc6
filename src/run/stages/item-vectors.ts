/** Vectors of items that a run is given, for the stages that use them. */
import type { Dataset } from '../../dataset/dataset.ts'
import { type ItemVectors, readItemVectors } from '../../dataset/item-vectors.ts'
import { sha256OfFile } from '../../files.ts'
import type { RunPlan } from '../options/plan.ts'

type Use = 'tree' | 'initial'

const fileFor = ({ items: { itemVectors, itemVectorsIn } }: RunPlan, use: Use): string | undefined =>
  itemVectorsIn === use || itemVectorsIn === 'both' ? itemVectors : undefined

export async function itemVectorsFor(
  plan: RunPlan,
  use: Use,
  { itemIds }: Pick<Dataset, 'itemIds'>,
): Promise<ItemVectors | undefined> {
  const path = fileFor(plan, use)
  return path === undefined ? undefined : readItemVectors(path, itemIds)
}

/** What a stage's result hangs on. */
export async function itemVectorsInput(plan: RunPlan, use: Use): Promise<{ itemVectors?: string }> {
  const path = fileFor(plan, use)
  return path === undefined ? {} : { itemVectors: await sha256OfFile(path) }
}
