/** The rows of the table: what is trained for one seed beside the base model, and how each method is evaluated. */
import { applyVerdicts } from '../enhance/enhance.ts'
import { type Calibration, calibrateVerdicts } from '../judges/audit/calibration.ts'
import type { Candidates } from '../judges/judge.ts'
import { models } from '../models/index.ts'
import type { Run, RunData } from './context.ts'
import { type EvaluationResult, evaluateBaseline, evaluateTrained } from './evaluate-stage.ts'
import type { StoredVerdicts } from './judge-stages.ts'
import type { MetricsRow } from './metrics-file.ts'
import type { PartChoice, RunPlan } from './plan.ts'
import { type ReleasedEnhancement, releasedEnhancement } from './released.ts'
import { repeatsOf } from './seeds.ts'
import type { StageResult } from './stage.ts'
import { type TrainedModel, trainStage } from './train-stage.ts'
import type { StoredTrees } from './trees-stage.ts'

/** A row of the table, and what it is made from. */
export interface Method {
  readonly name: string
  readonly protocol: MetricsRow['protocol']
  /** of one seed */
  readonly run: Run
  readonly options: Record<string, unknown>
  readonly model?: StageResult<TrainedModel>
  readonly result: StageResult<EvaluationResult>
}

export interface TrainedMethod extends Omit<Method, 'result' | 'model'> {
  readonly model: StageResult<TrainedModel>
  readonly seen?: ReleasedEnhancement['seen']
}

/** What one seed's methods are trained from. */
export interface Ingredients {
  readonly base: StageResult<TrainedModel>
  readonly trees: StageResult<StoredTrees>
  readonly candidates: StageResult<Candidates>
  readonly judged: StageResult<StoredVerdicts>
  /** what the confidences are worth, when the plan asks for that */
  readonly calibration?: StageResult<Calibration>
}

export const BASE_STAGE = 'train-base'
export const FINAL_STAGE = 'train-dtl-ns'

/** "lightgcn+mixgcf" */
export function methodName(plan: RunPlan, sampler: PartChoice): string {
  return `${plan.model.name}+${sampler.name}`
}

/** The base model of one seed as a row of the table. */
export function baseMethod(run: Run, model: StageResult<TrainedModel>): TrainedMethod {
  return strictMethod(run, methodName(run.plan, run.plan.baseSampler), run.plan.baseSampler, model)
}

/** The base model, the same with the negatives to compare, and DTL-NS, of one seed; none is evaluated yet. */
export async function trainMethods(run: Run, data: RunData, made: Ingredients): Promise<TrainedMethod[]> {
  const { plan } = run
  const { base, trees } = made
  const { codes } = trees.value
  const methods = [baseMethod(run, base)]
  for (const sampler of plan.compare) {
    const name = methodName(plan, sampler)
    if (methods.some(method => method.name === name)) continue
    const task = { name: `train-${name}`, title: `Training ${name}`, sampler, codes, inputs: { trees: trees.hash } }
    methods.push(strictMethod(run, name, sampler, await trainStage(run, data, task)))
  }
  return [...methods, ...(await trainFinal(run, data, made))]
}

function strictMethod(run: Run, name: string, sampler: PartChoice, model: StageResult<TrainedModel>): TrainedMethod {
  return { name, protocol: 'strict', run, options: trainedWith(run.plan, sampler), model }
}

/** DTL-NS, and on request the same under the released protocol. */
async function trainFinal(
  run: Run,
  data: RunData,
  { trees, candidates, judged, calibration }: Ingredients,
): Promise<TrainedMethod[]> {
  const { plan } = run
  const { train } = data.value
  const method = plan.audit.calibration
  const verdicts =
    calibration && method !== 'none'
      ? calibrateVerdicts(judged.value.verdicts, calibration.value, method)
      : judged.value.verdicts
  const task = {
    sampler: plan.sampler,
    codes: trees.value.codes,
    // how verdicts are used is an input of the training like any hash
    inputs: {
      trees: trees.hash,
      judge: judged.hash,
      enhance: JSON.stringify(plan.enhance),
      ...(calibration && { calibration: `${method} ${calibration.hash}` }),
    },
  }
  const options = { ...trainedWith(plan, plan.sampler), judge: plan.judge, enhance: plan.enhance, trees: plan.trees }
  const enhanced = applyVerdicts(train, candidates.value, verdicts, plan.enhance)
  const model = await trainStage(run, data, { ...task, name: FINAL_STAGE, title: 'Training DTL-NS', enhanced })
  const strict: TrainedMethod = { name: 'dtl-ns', protocol: 'strict', run, options, model }
  if (plan.run.protocol !== 'released') return [strict]

  const { added } = applyVerdicts(train, candidates.value, verdicts, { use: 'positives' })
  const { enhanced: withHeldOut, seen } = releasedEnhancement(data.value, added)
  const released: TrainedMethod = {
    name: 'dtl-ns-released',
    protocol: 'released',
    run,
    options: { ...options, enhance: { use: 'positives' } },
    model: await trainStage(run, data, {
      ...task,
      name: `${FINAL_STAGE}-released`,
      title: 'Training DTL-NS under the released protocol',
      enhanced: withHeldOut,
      seen,
    }),
    seen,
  }
  return [strict, released]
}

function trainedWith({ model, objective, training }: RunPlan, sampler: PartChoice): Record<string, unknown> {
  return { model, objective, sampler, training }
}

export async function evaluateMethod(data: RunData, { seen, ...method }: TrainedMethod): Promise<Method> {
  return { ...method, result: await evaluateTrained(method.run, data, method.name, method.model, seen) }
}

/** @param runs one a seed; a baseline that no seed enters is evaluated in the first alone */
export async function evaluateBaselines(runs: readonly Run[], data: RunData): Promise<Method[]> {
  const methods: Method[] = []
  for (const baseline of runs[0].plan.baselines) {
    for (const run of repeatsOf(models.get(baseline.name), runs)) {
      const result = await evaluateBaseline(run, data, baseline)
      methods.push({ name: baseline.name, protocol: 'strict', run, options: baseline.options, result })
    }
  }
  return methods
}

export function rowOf({ name, protocol, run, options, model, result }: Method): MetricsRow {
  const { metrics, skipped } = result.value
  const stages = [...(model ? [model.manifest] : []), result.manifest]
  return {
    method: name,
    protocol,
    seed: run.plan.run.seed,
    options,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    peakBytes: Math.max(...stages.map(({ peakBytes }) => peakBytes)),
    metrics,
    ...(skipped !== undefined && { skipped }),
    evaluation: result.manifest.stage,
    ...(model && { training: model.manifest.stage }),
  }
}
