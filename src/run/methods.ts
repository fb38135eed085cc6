/** The rows of the table that are trained: what is made for one seed beside the base model. */
import type { Dataset } from '../dataset/dataset.ts'
import { applyVerdicts, type Enhanced } from '../enhance/enhance.ts'
import { calibrateVerdicts } from '../judge-audit/calibration.ts'
import type { Run, RunData } from './context.ts'
import {
  BASE_STAGE,
  FINAL_METHOD,
  FINAL_STAGE,
  finalModel,
  fusedName,
  fusedWhere,
  methodName,
  RERANKED,
  STRICT_MASK,
} from './method-names.ts'
import { isCoded } from './needed.ts'
import type { PartChoice, RunPlan } from './options/plan.ts'
import type { StageResult } from './stage.ts'
import { fusionStage } from './stages/fusion.ts'
import { judgeStage } from './stages/judge.ts'
import { releasedEnhancement } from './stages/released.ts'
import { rerankStage } from './stages/rerank.ts'
import { type TrainedModel, type TrainingTask, trainStage } from './stages/train.ts'
import type { StoredTrees } from './stages/trees.ts'
import type { Ingredients, Judged, TrainedMethod } from './trained-method.ts'

/** How the base model is trained. */
export function baseTask(plan: RunPlan): TrainingTask {
  const name = methodName(plan, plan.baseSampler)
  const title = plan.run.baseModel === undefined ? `Training the base model (${name})` : 'Reading the base model'
  return { name: BASE_STAGE, title, sampler: plan.baseSampler }
}

/** The base model of one seed as a row of the table. */
export function baseMethod(run: Run, data: RunData, model: StageResult<TrainedModel>): TrainedMethod {
  const name = methodName(run.plan, run.plan.baseSampler)
  const { retrain, ...method } = strictMethod(run, data, name, baseTask(run.plan), model)
  return { ...method, ...(retrain && run.plan.run.baseModel === undefined && { retrain }) }
}

/** The base model, the same with the negatives to compare, and DTL-NS, of one seed, under each protocol. */
export async function trainMethods(run: Run, data: RunData, made: Ingredients): Promise<TrainedMethod[]> {
  const { plan } = run
  const { base, trees } = made
  const methods = [baseMethod(run, data, base)]
  for (const sampler of plan.compare) {
    const name = methodName(plan, sampler)
    if (methods.some(method => method.name === name)) continue
    const task = { name: `train-${name}`, title: `Training ${name}`, ...sampledWith(sampler, trees) }
    methods.push(strictMethod(run, data, name, task, await trainStage(run, data, task)))
  }
  const released = await releasedMethods(data, methods, made)
  if (plan.run.final === 'dtl-ns') methods.push(await trainFinal(run, data, made as Judged))
  const fused: TrainedMethod[] = []
  if (plan.fusion) for (const method of methods) fused.push(await fuseMethod(data, method))
  const first = [...methods, ...fused].find(({ name }) => name === fusedWhere(plan, finalModel(plan)))!
  const again = plan.run.rerank === 'none' ? [] : [await rerankMethod(data, first, made)]
  return [...methods, ...fused, ...again, ...released]
}

function strictMethod(
  run: Run,
  data: RunData,
  name: string,
  task: TrainingTask,
  model: StageResult<TrainedModel>,
): TrainedMethod {
  const retrain = retrainer(run, data, model, () => task)
  return { name, protocol: 'strict', run, options: trainedWith(run.plan, task.sampler), model, folder: name, retrain }
}

/** @param taskOn the training on given data */
function retrainer(
  run: Run,
  data: RunData,
  model: StageResult<TrainedModel>,
  taskOn: (train: Dataset) => TrainingTask,
): NonNullable<TrainedMethod['retrain']> {
  return basis => trainStage(run, data, { ...taskOn(basis.dataset), basis, course: model.value })
}

async function fuseMethod(data: RunData, method: TrainedMethod): Promise<TrainedMethod> {
  const { run, model } = method
  const { fusion } = run.plan
  const name = fusedName(method.name, fusion!)
  const share = await fusionStage(run, data, method.name, model)
  return { ...method, name, folder: name, options: { ...method.options, fusion }, fusion: share }
}

async function rerankMethod(
  data: RunData,
  method: TrainedMethod,
  { trees, candidates }: Ingredients,
): Promise<TrainedMethod> {
  const { plan } = method.run
  const { runtime, ...judge } = plan.rerankJudge ?? {}
  const stage = await rerankStage(
    data,
    method,
    plan.rerankJudge && {
      candidates: candidates!,
      verdicts: await judgeStage(method.run, data, trees!, candidates!, plan.rerankJudge),
    },
  )
  return {
    ...{ ...method, name: RERANKED, folder: RERANKED, rerank: stage },
    options: {
      ...method.options,
      rerank: { kind: plan.run.rerank, first: method.name, ...(plan.rerankJudge && { judge }) },
    },
  }
}

/** What DTL-NS is trained on, in place of `train`. */
export function finalEnhanced(run: Run, train: Dataset, made: Judged): Enhanced {
  return applyVerdicts(train, made.candidates.value, finalTask(run, made).verdicts, run.plan.enhance)
}

async function trainFinal(run: Run, data: RunData, made: Judged): Promise<TrainedMethod> {
  const { task, options } = finalTask(run, made)
  const taskOn = (train: Dataset): TrainingTask => {
    const enhanced = finalEnhanced(run, train, made)
    return { ...task, name: FINAL_STAGE, title: 'Training DTL-NS', enhanced }
  }
  const model = await trainStage(run, data, taskOn(data.value.train))
  const retrain = retrainer(run, data, model, taskOn)
  return { name: FINAL_METHOD, protocol: 'strict', run, options, model, folder: FINAL_METHOD, retrain }
}

/**
 * On request, what the released protocol makes of each method: the same models under its mask, and DTL-NS trained its way,
 * under its mask and, so that the two effects come apart, under the strict one.
 */
async function releasedMethods(data: RunData, methods: readonly TrainedMethod[], made: Ingredients) {
  const [{ run }] = methods
  if (!run.plan.run.protocol.includes('released')) return []
  const { verdicts, task, options } = finalTask(run, made as Judged)
  const { added } = applyVerdicts(data.value.train, made.candidates!.value, verdicts, { use: 'positives' })
  const { enhanced, mask } = releasedEnhancement(data.value, added, task.inputs.judge)
  const model = await trainStage(run, data, {
    ...task,
    name: `${FINAL_STAGE}-released`,
    title: 'Training DTL-NS under the released protocol',
    enhanced,
    seen: mask.seen,
  })
  const released = { protocol: 'released', run, model, options: { ...options, enhance: { use: 'positives' } } } as const
  return [
    ...methods.map(({ retrain: _, ...method }) => ({
      ...{ ...method, protocol: 'released' as const, folder: `${method.name}-released`, mask },
    })),
    { ...released, name: 'dtl-ns', folder: 'dtl-ns-released', mask },
    { ...released, name: STRICT_MASK, folder: 'dtl-ns-released-strict-mask' },
  ] satisfies TrainedMethod[]
}

/** What both trainings of DTL-NS have in common. */
function finalTask({ plan }: Run, { trees, judged, calibration }: Judged) {
  const method = plan.audit.calibration
  const verdicts =
    calibration && method !== 'none'
      ? calibrateVerdicts(judged.value.verdicts, calibration.value, method)
      : judged.value.verdicts
  const sampled = sampledWith(plan.sampler, trees)
  const task = {
    ...sampled,
    // how verdicts are used is an input of the training like any hash
    inputs: {
      ...sampled.inputs,
      judge: judged.hash,
      enhance: JSON.stringify(plan.enhance),
      ...(calibration && { calibration: `${method} ${calibration.hash}` }),
    },
  }
  const options = { ...trainedWith(plan, plan.sampler), judge: plan.judge, enhance: plan.enhance, trees: plan.trees }
  return { verdicts, task, options }
}

/** A sampler with the trees, where it uses them: a training without them is not made again when they change. */
function sampledWith(sampler: PartChoice, trees?: StageResult<StoredTrees>) {
  if (!isCoded(sampler)) return { sampler, inputs: {} }
  return { sampler, codes: trees!.value.codes, inputs: { trees: trees!.hash } }
}

function trainedWith({ model, objective, training }: RunPlan, sampler: PartChoice): Record<string, unknown> {
  return { model, objective, sampler, training }
}
