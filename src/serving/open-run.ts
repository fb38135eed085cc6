/** A finished run as something that recommends. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { historiesOf } from '../dataset/histories.ts'
import { readSplit } from '../dataset/store.ts'
import { UsageError } from '../errors.ts'
import type { FusionShare } from '../evaluation/fusion-share.ts'
import { observed } from '../evaluation/protocols.ts'
import { createKernels } from '../kernels/wasm/wasm.ts'
import { baselines } from '../models/baselines/index.ts'
import { embeddingRecommender } from '../models/embeddings.ts'
import { loadEmbeddings } from '../models/model-file.ts'
import { didYouMean } from '../nearest.ts'
import { readOptions } from '../run/directory.ts'
import { BASE_STAGE, FINAL_METHOD, finalMethod, methodName } from '../run/methods.ts'
import type { FusionChoice, RunPlan } from '../run/options/plan.ts'
import { isRepeat } from '../run/seeds.ts'
import { hashOfFiles, readManifest } from '../run/stage.ts'
import { fusedName, fusedRecommender, readShare } from '../run/stages/fusion.ts'
import type { ServingModel } from './recommender.ts'

/**
 * @param method a row of the run's table: a trained model, or a baseline, which is fitted now; DTL-NS when absent, or
 *   the base model before there is one
 * @throws UsageError when the directory holds no such model
 */
export async function openRun(directory: string, method?: string): Promise<ServingModel> {
  const { plan } = await readOptions(directory)
  const trained = await trainedModels(directory, plan)
  const chosen =
    method ?? [finalMethod(plan), FINAL_METHOD, methodName(plan, plan.baseSampler)].find(name => trained.has(name))
  if (chosen === undefined)
    throw new UsageError(`${directory} holds no trained model yet: run "dualtree evaluate ${directory}"`)
  const split = await readSplit(join(directory, 'data'))
  const kernels = createKernels()
  const { seed } = plan.run
  const { userIds, itemIds } = split.train
  const base = { userIds, itemIds, histories: historiesOf(split.train), seen: observed(split), seed }
  const found = trained.get(chosen)
  if (found) {
    const { folder, fused } = found
    const embeddings = await loadEmbeddings(join(directory, folder, 'model.safetensors'))
    await checkBelongs(directory, folder, plan)
    const { fusion } = plan
    if (!fused || !fusion) return { ...base, recommender: embeddingRecommender(embeddings, kernels, split.train) }
    const share = await openShare(directory, chosen, folder, fusion)
    return { ...base, recommender: fusedRecommender({ train: split.train, kernels, seed, embeddings, fusion }, share) }
  }
  const baseline = baselines.parts.find(part => part.name === chosen)
  if (!baseline) {
    const known = [...trained.keys(), ...baselines.names]
    throw new UsageError(
      `${directory} holds no model "${chosen}": there are ${known.join(', ')}${didYouMean(chosen, known)}`,
    )
  }
  const options = plan.baselines.find(({ name }) => name === chosen)?.options
  const obstacle = baseline.obstacle?.(split.train, options)
  if (obstacle !== undefined) throw new UsageError(obstacle)
  return { ...base, recommender: baseline.fit({ train: split.train, kernels, seed }, options) }
}

interface TrainedRow {
  /** of its model */
  readonly folder: string
  readonly fused: boolean
}

/** @throws UsageError when a stage before has been made anew since the model was trained */
async function checkBelongs(directory: string, folder: string, plan: RunPlan): Promise<void> {
  const model = await readManifest(join(directory, folder))
  const options = model?.options as { model?: unknown; training?: unknown; seed?: unknown } | undefined
  const current = { seed: plan.run.seed, model: plan.model, training: plan.training }
  const made = { seed: options?.seed, model: options?.model, training: options?.training }
  let stale = !isDeepStrictEqual(made, current)
  for (const stage of ['data', 'trees', 'judge']) {
    const input = model?.inputs[stage]
    const files = (await readManifest(join(directory, stage)))?.files
    if (input !== undefined && input !== hashOfFiles(files ?? {})) stale = true
  }
  if (stale)
    throw new UsageError(
      `${directory}: the model in ${folder} was trained on other data or with other options than the run has now: run "dualtree evaluate ${directory}"`,
    )
}

/** @throws UsageError when the model has been trained anew since, or is to be fused otherwise */
async function openShare(
  directory: string,
  name: string,
  training: string,
  fusion: FusionChoice,
): Promise<FusionShare> {
  const folder = join(directory, `fuse-${name}`)
  const [made, model] = [await readManifest(folder), await readManifest(join(directory, training))]
  const { fusion: own } = made!.options as { fusion: FusionChoice }
  if (!isDeepStrictEqual(own, fusion) || made!.inputs.model !== hashOfFiles(model!.files))
    throw new UsageError(
      `${directory}: the shares in fuse-${name} are of another model or of other options than the run has now: run "dualtree evaluate ${directory}"`,
    )
  return readShare(folder)
}

/** Folder of the trained model behind each row whose stages are complete, by the name of the row. */
async function trainedModels(directory: string, plan: RunPlan): Promise<Map<string, TrainedRow>> {
  const found = new Map<string, TrainedRow>()
  for (const folder of await readdir(directory)) {
    if (!folder.startsWith('train-') || isRepeat(folder) || !(await readManifest(join(directory, folder)))) continue
    const name = folder.slice('train-'.length)
    const method = folder === BASE_STAGE ? methodName(plan, plan.baseSampler) : name
    found.set(method, { folder, fused: false })
    if (!plan.fusion) continue
    const fused = fusedName(method, plan.fusion)
    if (await readManifest(join(directory, `fuse-${fused}`))) found.set(fused, { folder, fused: true })
  }
  return found
}
