/** A finished run as something that recommends, without a fitted model: its rows as they were fitted on train. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { historiesOf } from '../../dataset/histories.ts'
import { readSplit } from '../../dataset/store.ts'
import { UsageError } from '../../errors.ts'
import type { FusionShare } from '../../evaluation/fusion-share.ts'
import { everythingObserved } from '../../evaluation/observed.ts'
import type { Kernels } from '../../kernels/interface/kernels.ts'
import { createKernels } from '../../kernels/wasm/wasm.ts'
import { baselines } from '../../models/baselines/index.ts'
import type { FitContext } from '../../models/model.ts'
import { loadEmbeddings } from '../../models/model-file.ts'
import type { Recommender } from '../../models/recommender.ts'
import { didYouMean } from '../../nearest.ts'
import { text } from '../../options.ts'
import { checkRequest, withFields } from '../../requests.ts'
import { readOptions } from '../../run/directory.ts'
import { BASE_STAGE, finalModel, fusedName, methodName, RERANKED } from '../../run/method-names.ts'
import type { FusionChoice, RunPlan } from '../../run/options/plan.ts'
import { vectorRecency } from '../../run/recency.ts'
import { type StoredSecondStage, trainedRecommender } from '../../run/recommender.ts'
import type { Watch } from '../../run/stage.ts'
import { hashOfFiles, isRepeat, readManifest, wholeStage } from '../../run/stage-folder.ts'
import { readShare } from '../../run/stages/fusion.ts'
import { readSecondStage } from '../../run/stages/rerank.ts'
import { readTitles } from '../../run/titles.ts'
import { version } from '../../version.ts'
import { openCatalogue } from '../items/catalogue.ts'
import { type ChosenRow, chooseRow, type TrainedRow } from './choose-row.ts'
import { describeContent, type ModelSource, NO_ITEM_DATA } from './content.ts'
import { createServingModel } from './create-model.ts'
import { type OpenOptions, openFields, openModel } from './open-model.ts'
import type { ServingModel } from './serving-model.ts'

const FIELDS = { path: text, method: text.optional(), options: withFields(openFields) }

/**
 * What a path serves: a model folder, the fitted model of a run, or else a row of the run as it was fitted on train.
 * @param method a row of the table; when absent the fitted model's, or else the best on validation data
 * @throws UsageError when there is no such model
 */
export async function openServing(
  path: string,
  method?: string,
  options: OpenOptions & Watch = {},
): Promise<ServingModel> {
  checkRequest('openServing', FIELDS, { path, method, options })
  const fitted = await openModel(path, options).catch(error => {
    if (error instanceof UsageError) return undefined
    throw error
  })
  if (fitted && (method === undefined || fitted.info.method === method)) return fitted
  fitted?.close()
  return openRun(path, method, options)
}

/** @throws UsageError when the directory is no run or holds no such model */
export async function openRun(
  directory: string,
  method?: string,
  options: OpenOptions & Watch = {},
): Promise<ServingModel> {
  if (options.ann)
    throw new UsageError(
      `--ann needs a model folder, which keeps the index: fit one with "dualtree fit ${directory}${method === undefined ? '' : ` --method ${method}`}"`,
    )
  const kernels = createKernels()
  const { recommender, trained, choice, ...source } = await sourceOfRun(directory, kernels, method, options)
  const content = describeContent({ ...source, fittedOn: 'train' })
  const { seed: _, attributes: __, ...made } = content.made
  const info = {
    ...made,
    id: `${source.method}@${source.dataHash.slice(0, 8)}`,
    version,
    attributes: [],
    ...(choice !== undefined && { choice }),
  }
  const rankedFrom = recommender.needsUsers === undefined ? undefined : trained
  return createServingModel(
    { kernels, info, recommender, catalogue: openCatalogue(content), ...(rankedFrom && { rankedFrom }) },
    options.newRequestId,
  )
}

/** A row of a run, in kernel memory, and what it serves; `trained` are the histories that it was trained with. */
export async function sourceOfRun(directory: string, kernels: Kernels, method?: string, watch: Watch = {}) {
  const { plan } = await readOptions(directory)
  const trained = await trainedModels(directory, plan)
  const chosen: ChosenRow | undefined = method === undefined ? await chooseRow(directory, trained, watch) : { method }
  if (chosen === undefined)
    throw new UsageError(`${directory} has no trained model yet: run "dualtree evaluate ${directory}"`)
  const split = await readSplit(join(directory, 'data'))
  const { train } = split
  const recommender = await recommenderOf(directory, plan, trained, chosen.method, {
    train,
    kernels,
    seed: plan.run.seed,
  })
  const titles = await readTitles(directory, train.itemIds)
  return {
    ...(titles && { items: { ...NO_ITEM_DATA, titles } }),
    ...{
      method: chosen.method,
      recommender,
      data: everythingObserved(split),
      dataHash: split.hash,
      seed: plan.run.seed,
    },
    ...{ metrics: chosen.metrics ?? {}, trained: historiesOf(train), choice: chosen.choice },
  } satisfies Omit<ModelSource, 'fittedOn'> & { trained: unknown; choice: unknown }
}

async function recommenderOf(
  directory: string,
  plan: RunPlan,
  trained: ReadonlyMap<string, TrainedRow>,
  method: string,
  context: FitContext,
): Promise<Recommender> {
  const found = trained.get(method)
  if (found) {
    const { folder, fused, rerank } = found
    const stored = await loadEmbeddings(join(directory, folder, 'model.safetensors'))
    const embeddings = { ...stored, ...vectorRecency(plan) }
    await checkBelongs(directory, folder, plan)
    const { fusion } = plan
    const share = fused && fusion && (await openShare(directory, fused, folder, fusion))
    const secondStage = rerank && (await openSecondStage(directory, rerank, folder))
    return trainedRecommender(context, {
      embeddings,
      ...(share && { fusion: [fusion, share] }),
      ...(secondStage && { secondStage }),
    })
  }
  const baseline = baselines.parts.find(part => part.name === method)
  if (!baseline) {
    const known = [...trained.keys(), ...baselines.names]
    throw new UsageError(
      `${directory} has no model "${method}": there are ${known.join(', ')}${didYouMean(method, known)}`,
    )
  }
  const options = plan.baselines.find(({ name }) => name === method)?.options
  const reason = baseline.unsupportedReason?.(context.train, options)
  if (reason !== undefined) throw new UsageError(reason)
  return baseline.fit(context, options)
}

/** @throws UsageError when an earlier stage was rebuilt after the model was trained */
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

/** With what options a folder was made, and whether the model that it was made from is still that of the training. */
async function madeFrom(directory: string, folder: string, training: string) {
  const [made, model] = [await readManifest(folder), await readManifest(join(directory, training))]
  return { options: made!.options, isCurrent: made!.inputs.model === hashOfFiles(model!.files) }
}

/** @throws UsageError when the model was trained again since, or is to be fused otherwise */
async function openShare(
  directory: string,
  name: string,
  training: string,
  fusion: FusionChoice,
): Promise<FusionShare> {
  const folder = join(directory, `fuse-${name}`)
  const { options, isCurrent } = await madeFrom(directory, folder, training)
  if (!isDeepStrictEqual((options as { fusion: FusionChoice }).fusion, fusion) || !isCurrent)
    throw new UsageError(
      `${directory}: the shares in fuse-${name} are of another model or of other options than the run has now: run "dualtree evaluate ${directory}"`,
    )
  return readShare(folder)
}

/** @throws UsageError when the model was trained again since */
async function openSecondStage(directory: string, first: string, training: string): Promise<StoredSecondStage> {
  const folder = join(directory, `rerank-${first}`)
  if (!(await madeFrom(directory, folder, training)).isCurrent)
    throw new UsageError(
      `${directory}: the second stage in rerank-${first} is of another model than the run has now: run "dualtree evaluate ${directory}"`,
    )
  return readSecondStage(folder)
}

/**
 * Folder of the trained model behind each row whose stages are complete, by the name of the row.
 * @throws DataError when one of them is damaged
 */
async function trainedModels(directory: string, plan: RunPlan): Promise<Map<string, TrainedRow>> {
  const found = new Map<string, TrainedRow>()
  const whole = (folder: string) => wholeStage(join(directory, folder), `run "dualtree evaluate ${directory}"`)
  for (const folder of await readdir(directory)) {
    if (!folder.startsWith('train-') || folder.endsWith('.partial') || isRepeat(folder)) continue
    await whole(folder)
    const name = folder.slice('train-'.length)
    const method = folder === BASE_STAGE ? methodName(plan, plan.baseSampler) : name
    found.set(method, { folder })
    const fused = plan.fusion && fusedName(method, plan.fusion)
    if (fused && (await whole(`fuse-${fused}`))) found.set(fused, { folder, fused })
    if (method !== finalModel(plan) || plan.run.rerank !== 'learned') continue
    const first = found.get(fused ?? method)
    if (first && (await whole(`rerank-${fused ?? method}`))) found.set(RERANKED, { ...first, rerank: fused ?? method })
  }
  return found
}
