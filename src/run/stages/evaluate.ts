/** Stage `evaluate-…`: one method's rankings against held-out data, opened once, after all training. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset } from '../../dataset/dataset.ts'
import { type Histories, historiesOf } from '../../dataset/histories.ts'
import { evaluate, rankEvaluated } from '../../evaluation/evaluate.ts'
import { evaluatedUsers, seenAt } from '../../evaluation/protocols.ts'
import { writeJson } from '../../files.ts'
import { metrics } from '../../metrics/index.ts'
import { type FitWatch, fitInSteps } from '../../models/baselines/fit-in-steps.ts'
import { baselines } from '../../models/baselines/index.ts'
import type { Recommender } from '../../models/recommender.ts'
import type { Run, RunData } from '../context.ts'
import type { Variant } from '../metrics-file.ts'
import type { PartChoice } from '../options/plan.ts'
import { vectorRecency } from '../recency.ts'
import { type MergedRows, rowsOfUsers, type ShardedRows } from '../sharding.ts'
import { runStage, type StageReporter, type StageResult } from '../stage.ts'
import { SCRATCH } from '../stage-folder.ts'
import { recommenderOf, type TrainedMethod } from '../trained-method.ts'
import { writeLists, writePerUser } from './evaluation-files.ts'
import type { Mask } from './released.ts'

/** Means over users; `skipped` says why there are none. */
export interface EvaluationResult {
  readonly metrics: Readonly<Record<string, number>>
  readonly users: number
  readonly excludedUsers: number
  readonly skipped?: string
}

/** What a row is made from: see `variants`. */
export interface Ground {
  readonly variant: Variant
  /** what the model is fitted on */
  readonly fitted: Dataset
  readonly histories: Histories
}

export interface EvaluationTask {
  /** folder, after `evaluate-` and before what says the variant */
  readonly name: string
  readonly ground: Ground
  readonly inputs: Readonly<Record<string, string>>
  readonly options: unknown
  /** mask, when not the strict protocol's */
  readonly mask?: Mask | undefined
  /** good for the caller's scope of kernel memory; a string says why there is none */
  recommender(watch: FitWatch): Recommender | string | Promise<Recommender | string>
}

/** Ends the name of a folder. */
const SUFFIXES: Readonly<Record<Variant, string>> = {
  'history train': '',
  'history train + valid': '-observed',
  refit: '-refit',
}

export function evaluateStage(run: Run, data: RunData, task: EvaluationTask): Promise<StageResult<EvaluationResult>> {
  const { plan, signal } = run
  const { cutoffs, maskAtTest, evaluateOn, seed } = plan.run
  const { variant, histories } = task.ground
  const split = data.value
  const later = variant !== 'history train'
  const own = metrics.own.length > 0 && { metrics: metrics.own.map(({ name, version }) => ({ name, version })) }
  const request = () => ({
    truth: split[evaluateOn],
    histories,
    seen: task.mask?.seen ?? seenAt(evaluateOn, split, maskAtTest),
    ...{ seed, cutoffs, train: split.train },
    ...(signal && { signal }),
  })
  /** What ranks, or why there is nothing that can. */
  const ranker = async (watch: FitWatch): Promise<Recommender | string> => {
    const recommender = await task.recommender({ signal, ...watch })
    if (typeof recommender === 'string') return recommender
    const forNew = variant === 'history train + valid' || split[evaluateOn].newUsers
    return (forNew && recommender.needsUsers) || recommender
  }
  const shared: ShardedRows = {
    users: () => evaluatedUsers(split[evaluateOn]),
    async rows(users, progress) {
      const recommender = await ranker({})
      if (typeof recommender === 'string') return { arrays: {}, note: recommender }
      const { items, scores } = rankEvaluated(recommender, { ...request(), progress }, users)
      return { arrays: { items, scores } }
    },
  }
  return runStage(run, {
    name: `evaluate-${task.name}${SUFFIXES[variant]}`,
    title: `Evaluating ${task.name}${later ? ` (${variant})` : ''}`,
    format: 2,
    options: { cutoffs, maskAtTest, evaluateOn, seed, ...(task.options as object), ...(later && { variant }), ...own },
    inputs: { data: data.hash, ...task.inputs, ...(task.mask && { mask: task.mask.hash }) },
    shared,
    async compute(folder, report, key, merged) {
      const recommender = merged ? rankedElsewhere(merged, split.train) : await ranker(watchOf(folder, report, key))
      if (typeof recommender === 'string') {
        report.message(recommender)
        const skipped = { users: 0, excludedUsers: split.train.users, skipped: recommender }
        return writeResult(folder, { metrics: {}, ...skipped })
      }
      const progress = (done: number, total: number) => report.progress(done, total, 'users')
      const evaluation = evaluate(recommender, { ...request(), metrics: metrics.names, keepLists: true, progress })
      const { metrics: means, perUser, users, excludedUsers, lists } = evaluation
      await writePerUser(folder, evaluation, split.train)
      await writeLists(folder, perUser.users, lists!, split.train)
      await writeResult(folder, { metrics: means, users, excludedUsers })
    },
    load: async folder => JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')),
  })
}

function watchOf(folder: string, report: StageReporter, key: string): FitWatch {
  return {
    say: text => report.message(text),
    progress: (done, total) => report.progress(done, total, 'steps of the fit'),
    checkpoint: { path: join(folder, SCRATCH, 'fit'), key },
  }
}

/** The lists that shards have made, as something that ranks; or why there are none. */
function rankedElsewhere({ users, arrays, note }: MergedRows, train: Dataset): Recommender | string {
  if (note !== undefined) return note
  const k = arrays.items.length / users.length
  const rowOf = new Map(Array.from(users, (user, row) => [user, row]))
  const take = <T extends Int32Array | Float32Array>(table: T, asked: Int32Array) =>
    rowsOfUsers(table, asked.map(user => rowOf.get(user)!), k) // biome-ignore format: one line
  return {
    ...{ users: train.users, items: train.items },
    recommend: ({ users: asked }) => ({
      k,
      items: take(arrays.items as Int32Array, asked!),
      scores: take(arrays.scores as Float32Array, asked!),
    }),
  }
}

function writeResult(folder: string, result: EvaluationResult): Promise<void> {
  return writeJson(join(folder, 'result.json'), result)
}

/** Of train alone: what validation is about, and what rows are comparable with others' by. */
export function trainGround({ value: { train } }: RunData): Ground {
  return { variant: 'history train', fitted: train, histories: historiesOf(train) }
}

/**
 * A baseline on each of the grounds, fitted once for those that are fitted on the same data.
 * @returns along `grounds`
 */
export async function evaluateBaseline(
  run: Run,
  data: RunData,
  { name, options, version }: PartChoice,
  grounds: readonly Ground[] = [trainGround(data)],
  mask?: Mask,
): Promise<StageResult<EvaluationResult>[]> {
  const definition = baselines.get(name)
  const { kernels } = run
  const results: StageResult<EvaluationResult>[] = []
  for (const [train, same] of Map.groupBy(grounds, ({ fitted }) => fitted)) {
    await kernels.memory.scope(async () => {
      let made: Recommender | string | undefined
      const recommender = async (watch: FitWatch) => {
        made ??=
          definition.unsupportedReason?.(train, options) ??
          (await fitInSteps(definition, { train, kernels, seed: run.plan.run.seed }, options, watch))
        return made
      }
      for (const ground of same) {
        const task = {
          name: mask ? `${name}-released` : name,
          ground,
          inputs: {},
          options: { [name]: options, ...(version !== undefined && { version }) },
          mask,
        }
        results.push(await evaluateStage(run, data, { ...task, recommender }))
      }
    })
  }
  return results
}

export function evaluateTrained(
  data: RunData,
  method: Pick<TrainedMethod, 'run' | 'model' | 'fusion' | 'rerank' | 'folder' | 'mask'>,
  ground: Ground = trainGround(data),
): Promise<StageResult<EvaluationResult>> {
  const { run, model, fusion, rerank, folder, mask } = method
  const { kernels, plan } = run
  return kernels.memory.scope(() =>
    evaluateStage(run, data, {
      name: folder,
      ground,
      inputs: {
        model: model.hash,
        ...(fusion && { fusion: fusion.hash }),
        ...(rerank && { rerank: rerank.hash }),
      },
      options: { ...(fusion && { fusion: plan.fusion }), ...vectorRecency(plan) },
      mask,
      recommender: () => recommenderOf(method, ground.fitted, plan.run.evaluateOn === 'valid'),
    }),
  )
}
