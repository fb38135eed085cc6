/** The rows of the table: every method evaluated, under each protocol and on each ground. */
import type { Dataset } from '../../dataset/dataset.ts'
import { historiesOf } from '../../dataset/histories.ts'
import { baselines } from '../../models/baselines/index.ts'
import type { Run, RunData } from '../context.ts'
import type { MetricsRow, Variant } from '../metrics-file.ts'
import { repeatsOf } from '../seeds.ts'
import type { StageResult } from '../stage.ts'
import type { TrainedMethod } from '../trained-method.ts'
import { type EvaluationResult, evaluateBaseline, evaluateTrained, type Ground, trainGround } from './evaluate.ts'
import type { Mask } from './released.ts'
import type { TrainedModel } from './train.ts'

/** A row of the table, and what it is made from. */
export interface Method extends Omit<TrainedMethod, 'model' | 'folder' | 'retrain'> {
  readonly variant: Variant
  readonly model?: TrainedMethod['model']
  /** the training that validation chose the epochs of, where `model` is one that had no validation */
  readonly chosenBy?: TrainedModel
  readonly result: StageResult<EvaluationResult>
}

/** What rows are made from at test once everything has been chosen. */
export interface Observed {
  /** train and valid */
  readonly dataset: Dataset
  /** whether models are fitted on it once more */
  readonly refit: boolean
}

/**
 * All rows, strict ones first: baselines, then what was trained, with the seeds of a method together and its variants in turn.
 * All that is to be trained once more is trained before the first of them.
 * @param runs one per seed
 * @param trained along `runs`; every seed has the same methods
 * @param observed where rows are to be made from it too
 */
export async function evaluateMethods(
  runs: readonly Run[],
  data: RunData,
  trained: readonly (readonly TrainedMethod[])[],
  observed?: Observed,
): Promise<Method[]> {
  const refitted = new Map<TrainedMethod, StageResult<TrainedMethod['model']['value']>>()
  if (observed?.refit)
    for (const method of trained.flat()) {
      const model = await method.retrain?.({ name: 'refit', dataset: observed.dataset })
      if (model) refitted.set(method, model)
    }
  const grounds = groundsOf(data, observed)
  const methods: Method[] = []
  for (const protocol of ['strict', 'released'] as const) {
    const ofFirst = trained[0].filter(method => method.protocol === protocol)
    if (ofFirst.length === 0) continue
    methods.push(...(await evaluateBaselines(runs, data, observed, ofFirst[0].mask)))
    for (const { folder } of ofFirst)
      for (const ground of protocol === 'strict' ? grounds : [trainGround(data)])
        for (const method of trained.flat()) {
          if (method.folder !== folder || (ground.variant === 'refit' && !refitted.has(method))) continue
          const again = ground.variant === 'refit' && { model: refitted.get(method)!, chosenBy: method.model.value }
          const made = { ...method, ...again }
          const { retrain: _, ...own } = made
          methods.push({ ...own, variant: ground.variant, result: await evaluateTrained(data, made, ground) })
        }
  }
  return methods
}

function groundsOf(data: RunData, observed?: Observed): Ground[] {
  if (!observed) return [trainGround(data)]
  const { dataset, refit } = observed
  const histories = historiesOf(dataset)
  return [
    trainGround(data),
    { variant: 'history train + valid', fitted: data.value.train, histories },
    ...(refit ? [{ variant: 'refit' as const, fitted: dataset, histories }] : []),
  ]
}

/**
 * @param runs one per seed; a baseline that no seed enters is evaluated in the first alone
 * @param mask of the first seed, under the released protocol
 */
export async function evaluateBaselines(
  runs: readonly Run[],
  data: RunData,
  observed?: Observed,
  mask?: Mask,
): Promise<Method[]> {
  const protocol = mask ? 'released' : 'strict'
  const grounds = groundsOf(data, mask ? undefined : observed)
  const methods: Method[] = []
  for (const { name, options } of runs[0].plan.baselines) {
    const ofSeeds: Method[][] = []
    for (const run of repeatsOf(baselines.get(name), runs)) {
      const results = await evaluateBaseline(run, data, { name, options }, grounds, mask)
      ofSeeds.push(
        results.map((result, at) => ({ name, protocol, variant: grounds[at].variant, run, options, result })),
      )
    }
    for (const at of grounds.keys()) methods.push(...ofSeeds.map(variants => variants[at]))
  }
  return methods
}

/** Whether training stopped by itself: its best epoch is not the last that it may have. Without validation nobody knows. */
function convergence({ plan }: Run, { history, bestEpoch }: TrainedModel): Pick<MetricsRow, 'converged'> {
  if (history.every(({ validation }) => validation === undefined)) return {}
  return { converged: bestEpoch < plan.training.epochs }
}

export function rowOf(method: Method): MetricsRow {
  const { name, protocol, variant, run, options, model, fusion, rerank, result } = method
  const { metrics, skipped } = result.value
  const stages = [model, fusion, rerank, result].flatMap(stage => stage?.manifest ?? [])
  return {
    method: name,
    protocol,
    variant,
    seed: run.plan.run.seed,
    options,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    peakBytes: Math.max(...stages.map(({ peakBytes }) => peakBytes)),
    metrics,
    ...(skipped !== undefined && { skipped }),
    evaluation: result.manifest.stage,
    ...(model && { training: model.manifest.stage, ...convergence(run, method.chosenBy ?? model.value) }),
    ...(fusion && { fusion: fusion.manifest.stage }),
    ...(rerank && { rerank: rerank.manifest.stage }),
  }
}
