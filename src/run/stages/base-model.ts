/** A base model that was made elsewhere, in place of training one. */
import type { Dataset } from '../../dataset/dataset.ts'
import { DataError } from '../../errors.ts'
import { sha256OfGiven } from '../../files.ts'
import type { Embeddings } from '../../models/embeddings.ts'
import { loadEmbeddings } from '../../models/model-file.ts'
import { BASE_STAGE } from '../method-names.ts'
import type { RunPlan } from '../options/plan.ts'

const fileFor = ({ run: { baseModel } }: RunPlan, stage: string) => (stage === BASE_STAGE ? baseModel : undefined)

/** What a stage's result hangs on. */
export async function baseModelInput(plan: RunPlan, stage: string): Promise<{ baseModel?: string }> {
  const path = fileFor(plan, stage)
  return path === undefined ? {} : { baseModel: await sha256OfGiven(path, '--base-model') }
}

/** @throws DataError when its tables are not of this data */
export async function baseModelFor(plan: RunPlan, stage: string, data: Dataset): Promise<Embeddings | undefined> {
  const path = fileFor(plan, stage)
  if (path === undefined) return undefined
  const { metadata: _, ...embeddings } = await loadEmbeddings(path)
  if (embeddings.users === data.users && embeddings.items === data.items) return embeddings
  throw new DataError(
    `${path}: expected vectors of ${data.users} users and ${data.items} items, in the order of the data, found ${embeddings.users} and ${embeddings.items}; check --base-model`,
  )
}
