/** The rows of the table: every method evaluated, under each protocol. */
import { baselines } from '../../models/baselines/index.ts'
import type { Run, RunData } from '../context.ts'
import type { TrainedMethod } from '../methods.ts'
import type { MetricsRow } from '../metrics-file.ts'
import { repeatsOf } from '../seeds.ts'
import type { StageResult } from '../stage.ts'
import { type EvaluationResult, evaluateBaseline, evaluateTrained } from './evaluate.ts'
import type { Mask } from './released.ts'
import type { TrainedModel } from './train.ts'

/** A row of the table, and what it is made from. */
export interface Method extends Omit<TrainedMethod, 'model' | 'folder'> {
  readonly model?: TrainedMethod['model']
  readonly result: StageResult<EvaluationResult>
}

/**
 * All rows, strict ones first: baselines, then what was trained, with the seeds of a method together.
 * @param runs one a seed
 * @param trained along `runs`; every seed has the same methods
 */
export async function evaluateMethods(
  runs: readonly Run[],
  data: RunData,
  trained: readonly (readonly TrainedMethod[])[],
): Promise<Method[]> {
  const methods: Method[] = []
  for (const protocol of ['strict', 'released'] as const) {
    const ofFirst = trained[0].filter(method => method.protocol === protocol)
    if (ofFirst.length === 0) continue
    methods.push(...(await evaluateBaselines(runs, data, ofFirst[0].mask)))
    for (const { folder } of ofFirst)
      for (const method of trained.flat())
        if (method.folder === folder) methods.push(await evaluateMethod(data, method))
  }
  return methods
}

async function evaluateMethod(data: RunData, method: TrainedMethod): Promise<Method> {
  return { ...method, result: await evaluateTrained(data, method) }
}

/**
 * @param runs one a seed; a baseline that no seed enters is evaluated in the first alone
 * @param mask of the first seed, under the released protocol
 */
export async function evaluateBaselines(runs: readonly Run[], data: RunData, mask?: Mask): Promise<Method[]> {
  const methods: Method[] = []
  const protocol = mask ? 'released' : 'strict'
  for (const baseline of runs[0].plan.baselines) {
    for (const run of repeatsOf(baselines.get(baseline.name), runs)) {
      const result = await evaluateBaseline(run, data, baseline, mask)
      methods.push({ name: baseline.name, protocol, run, options: baseline.options, result })
    }
  }
  return methods
}

/** Whether training stopped by itself: its best epoch is not the last that it may have. Without validation nobody knows. */
function convergence({ plan }: Run, { history, bestEpoch }: TrainedModel): Pick<MetricsRow, 'converged'> {
  if (history.every(({ validation }) => validation === undefined)) return {}
  return { converged: bestEpoch < plan.training.epochs }
}

export function rowOf({ name, protocol, run, options, model, fusion, result }: Method): MetricsRow {
  const { metrics, skipped } = result.value
  const stages = [...(model ? [model.manifest] : []), ...(fusion ? [fusion.manifest] : []), result.manifest]
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
    ...(model && { training: model.manifest.stage, ...convergence(run, model.value) }),
    ...(fusion && { fusion: fusion.manifest.stage }),
  }
}
