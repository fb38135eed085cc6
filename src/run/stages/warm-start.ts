/** Vectors of an earlier run that training begins from. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Dataset, Vocabulary } from '../../dataset/dataset.ts'
import { readSplit } from '../../dataset/store.ts'
import { UsageError } from '../../errors.ts'
import { sha256OfFile } from '../../files.ts'
import type { WarmStart } from '../../models/given-vectors.ts'
import { loadEmbeddings } from '../../models/model-file.ts'
import { BASE_STAGE } from '../method-names.ts'
import type { RunPlan } from '../options/plan.ts'

/** Of the same training where the earlier run has it, else of its base model. */
function fileOf({ run: { warmStart } }: RunPlan, stage: string): string | undefined {
  if (warmStart === undefined) return
  const found = [stage, BASE_STAGE].map(name => join(warmStart, name, 'model.safetensors')).find(existsSync)
  if (found === undefined)
    throw new UsageError(
      `--warm-start ${warmStart}: expected a run directory with a trained model, found no ${BASE_STAGE}/model.safetensors`,
    )
  return found
}

/** What a stage's result hangs on. */
export async function warmStartInput(plan: RunPlan, stage: string): Promise<{ warmStart?: string }> {
  const path = fileOf(plan, stage)
  return path === undefined ? {} : { warmStart: await sha256OfFile(path) }
}

/** Matched by external ids: users and items that the earlier run does not have begin as they are drawn. */
export async function warmStartFor(plan: RunPlan, stage: string, data: Dataset): Promise<WarmStart | undefined> {
  const path = fileOf(plan, stage)
  if (path === undefined) return
  const [embeddings, { train }] = [await loadEmbeddings(path), await readSplit(join(plan.run.warmStart!, 'data'))]
  const { dimensions, userVectors, itemVectors } = embeddings
  const rows = (ids: Vocabulary, before: Vocabulary) => Int32Array.from(ids.ids, id => before.indexOf(id))
  return {
    ...{ dimensions, users: userVectors, items: itemVectors },
    userRows: rows(data.userIds, train.userIds),
    itemRows: rows(data.itemIds, train.itemIds),
  }
}
