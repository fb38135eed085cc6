/** Stage `evaluate-…`: one method's rankings against held-out data, opened once, after all training. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { historiesOf } from '../../dataset/histories.ts'
import { evaluate } from '../../evaluation/evaluate.ts'
import { seenAt } from '../../evaluation/protocols.ts'
import { writeJson } from '../../files.ts'
import { metrics } from '../../metrics/index.ts'
import { baselines } from '../../models/baselines/index.ts'
import { embeddingRecommender } from '../../models/embeddings.ts'
import type { Recommender } from '../../models/model.ts'
import type { Run, RunData } from '../context.ts'
import type { TrainedMethod } from '../methods.ts'
import type { PartChoice } from '../options/plan.ts'
import { runStage, type StageResult } from '../stage.ts'
import { writeLists, writePerUser } from './evaluation-files.ts'
import { fusedRecommender } from './fusion.ts'
import type { Mask } from './released.ts'

/** Means over users; `skipped` says why there are none. */
export interface EvaluationResult {
  readonly metrics: Readonly<Record<string, number>>
  readonly users: number
  readonly excludedUsers: number
  readonly skipped?: string
}

export interface EvaluationTask {
  /** folder, after `evaluate-` */
  readonly name: string
  readonly inputs: Readonly<Record<string, string>>
  readonly options: unknown
  /** mask, when not the strict protocol's */
  readonly mask?: Mask | undefined
  /** made inside a scope of kernel memory; a string says why it cannot be */
  recommender(): Recommender | string
}

export function evaluateStage(run: Run, data: RunData, task: EvaluationTask): Promise<StageResult<EvaluationResult>> {
  const { plan, kernels, signal } = run
  const { cutoffs, maskAtTest, evaluateOn, seed } = plan.run
  const split = data.value
  return runStage(run, {
    name: `evaluate-${task.name}`,
    title: `Evaluating ${task.name}`,
    format: 2,
    options: { cutoffs, maskAtTest, evaluateOn, seed, ...(task.options as object) },
    inputs: { data: data.hash, ...task.inputs, ...(task.mask && { mask: task.mask.hash }) },
    async compute(folder, report) {
      const evaluation = kernels.memory.scope(() => {
        const recommender = task.recommender()
        if (typeof recommender === 'string') return recommender
        return evaluate(recommender, {
          truth: split[evaluateOn],
          histories: historiesOf(split.train),
          seen: task.mask?.seen ?? seenAt(evaluateOn, split, maskAtTest),
          seed,
          cutoffs,
          metrics: metrics.names,
          train: split.train,
          keepLists: true,
          ...(signal && { signal }),
          progress: (done, total) => report.progress(done, total, 'users'),
        })
      })
      if (typeof evaluation === 'string') {
        report.message(evaluation)
        return writeResult(folder, { metrics: {}, users: 0, excludedUsers: split.train.users, skipped: evaluation })
      }
      const { metrics: means, perUser, users, excludedUsers, lists } = evaluation
      await writePerUser(folder, evaluation, split.train)
      await writeLists(folder, perUser.users, lists!, split.train)
      await writeResult(folder, { metrics: means, users, excludedUsers })
    },
    load: async folder => JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')),
  })
}

function writeResult(folder: string, result: EvaluationResult): Promise<void> {
  return writeJson(join(folder, 'result.json'), result)
}

export function evaluateBaseline(
  run: Run,
  data: RunData,
  { name, options }: PartChoice,
  mask?: Mask,
): Promise<StageResult<EvaluationResult>> {
  const definition = baselines.get(name)
  const { train } = data.value
  return evaluateStage(run, data, {
    name: mask ? `${name}-released` : name,
    inputs: {},
    options: { [name]: options },
    mask,
    recommender: () =>
      definition.obstacle?.(train, options) ??
      definition.fit({ train, kernels: run.kernels, seed: run.plan.run.seed }, options),
  })
}

export function evaluateTrained(
  data: RunData,
  { run, model, fusion, folder, mask }: Pick<TrainedMethod, 'run' | 'model' | 'fusion' | 'folder' | 'mask'>,
): Promise<StageResult<EvaluationResult>> {
  const { kernels, plan } = run
  const { train } = data.value
  const { embeddings } = model.value
  return evaluateStage(run, data, {
    name: folder,
    inputs: { model: model.hash, ...(fusion && { fusion: fusion.hash }) },
    options: fusion ? { fusion: plan.fusion } : {},
    mask,
    recommender: () =>
      fusion
        ? fusedRecommender({ train, kernels, seed: plan.run.seed, embeddings, fusion: plan.fusion! }, fusion.value)
        : embeddingRecommender(embeddings, kernels, train),
  })
}
