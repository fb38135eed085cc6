/** Vectors of an earlier run that training begins from. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Dataset, Vocabulary } from '../../dataset/dataset.ts'
import { readSplit } from '../../dataset/store.ts'
import { UsageError } from '../../errors.ts'
import { sha256OfFile } from '../../files.ts'
import { columnsOf } from '../../kernels/csr.ts'
import type { WarmStart } from '../../models/given-vectors.ts'
import { loadEmbeddings } from '../../models/model-file.ts'
import { plural } from '../../numbers.ts'
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

/**
 * Matched by external ids: users and items that the earlier run does not have begin as they are drawn.
 * @param tell what was matched, and what the earlier run knows beyond `data`
 */
export async function warmStartFor(
  plan: RunPlan,
  stage: string,
  data: Dataset,
  tell?: (text: string) => void,
): Promise<WarmStart | undefined> {
  const path = fileOf(plan, stage)
  if (path === undefined) return
  const [embeddings, { train }] = [await loadEmbeddings(path), await readSplit(join(plan.run.warmStart!, 'data'))]
  const { dimensions, userVectors, itemVectors } = embeddings
  const rows = (ids: Vocabulary, before: Vocabulary) => Int32Array.from(ids.ids, id => before.indexOf(id))
  const userRows = rows(data.userIds, train.userIds)
  const itemRows = rows(data.itemIds, train.itemIds)
  if (tell) {
    const matched = (found: Int32Array) => `${found.filter(row => row >= 0).length} of ${found.length}`
    tell(`--warm-start: ${matched(userRows)} users and ${matched(itemRows)} items begin from its vectors.`)
    const others = countOthers(data, train, userRows, itemRows)
    if (others > 0)
      tell(
        `--warm-start: it was trained on ${plural(others, 'interaction')} of these users and items that are not in train here. Where they are held out here, validation and test are too good: ` +
          'split both runs by time (--split global-time), and the later one holds out what is newer.',
      )
  }
  return { ...{ dimensions, users: userVectors, items: itemVectors }, userRows, itemRows }
}

/** Interactions between users and items of both that are in `before` and not in `data`. */
function countOthers(data: Dataset, before: Dataset, userRows: Int32Array, itemRows: Int32Array): number {
  const users = new Int32Array(before.items).fill(-1)
  const known = new Uint8Array(before.items)
  for (const row of itemRows) if (row >= 0) known[row] = 1
  let others = 0
  userRows.forEach((row, user) => {
    if (row < 0) return
    for (const item of columnsOf(data.byUser, user)) if (itemRows[item] >= 0) users[itemRows[item]] = user
    for (const item of columnsOf(before.byUser, row)) if (known[item] && users[item] !== user) others++
  })
  return others
}
