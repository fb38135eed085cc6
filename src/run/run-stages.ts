/**
 * The stages after the data, in order. Everything before the evaluation sees train data only; the test data is opened by
 * the `evaluate-…` stages at the end, once per method.
 */
import { join } from 'node:path'
import { observedBeforeTest } from '../evaluation/observed.ts'
import { writeJson } from '../files.ts'
import type { Run, RunData } from './context.ts'
import { baseMethod, baseTask, trainMethods } from './methods.ts'
import type { MetricsFile } from './metrics-file.ts'
import { neededUntil } from './needed.ts'
import type { RunRequest, RunResult, RunTarget } from './request.ts'
import { runsBySeed } from './seeds.ts'
import { auditStages, calibrationStage, needsCalibration } from './stages/audit.ts'
import { candidatesStage } from './stages/candidates.ts'
import { evaluateBaselines, evaluateMethods, type Method, type Observed, rowOf } from './stages/evaluate-methods.ts'
import { judgeStage } from './stages/judge.ts'
import { trainStage } from './stages/train.ts'
import { treesStage } from './stages/trees.ts'
import type { Ingredients } from './trained-method.ts'

/** The stages after the data, up to a target. Where their work is only visited, nothing is evaluated. */
export async function runStages(
  context: Run,
  data: RunData,
  until: RunTarget,
  finish?: RunRequest['finish'],
): Promise<Omit<RunResult, 'stages'>> {
  const { directory, plan } = context
  const result = { directory, plan, data }
  if (until === 'data') {
    await finish?.(context, data, { methods: [] })
    return result
  }
  const runs = runsBySeed(context)
  if (until === 'baselines')
    return {
      ...result,
      metrics: await writeMetrics(context, data, await evaluateBaselines(runs, data, observe(context, data))),
    }
  if (until === 'base') {
    const trained = await inTurn(runs, async run => [baseMethod(run, data, (await prepare(run, data, 'train')).base!)])
    if (finish) {
      await finish(runs[0], data, { methods: trained[0] })
      return result
    }
    const methods = await evaluateMethods(runs, data, trained, observe(context, data))
    return { ...result, metrics: await writeMetrics(context, data, methods) }
  }
  const prepared = await inTurn(runs, run => prepare(run, data, until))
  if (until !== 'evaluate') return { ...result, ...prepared[0] }
  // all that is trained is trained before anything is evaluated
  const trained = await inTurn(runs, (run, index) => trainMethods(run, data, prepared[index] as Ingredients))
  if (finish) {
    const { trees } = prepared[0]
    await finish(runs[0], data, { methods: trained[0], ...(trees && { trees }) })
    return { ...result, ...prepared[0] }
  }
  const methods = await evaluateMethods(runs, data, trained, observe(context, data))
  if (context.sharding?.visit) return { ...result, ...prepared[0] }
  return { ...result, ...prepared[0], metrics: await writeMetrics(context, data, methods) }
}

/** What was observed before test, where rows are made from it. Everything has been chosen by now: it ends the choosing. */
function observe({ plan }: Run, { value: split }: RunData): Observed | undefined {
  const { evaluateOn, historyAtTest, refit } = plan.run
  if (evaluateOn === 'valid' || historyAtTest === 'train') return
  return { dataset: observedBeforeTest(split), refit: refit === 'all' }
}

export type Prepared = Partial<Ingredients> & Pick<RunResult, 'audits'>

/** All that one seed's rows are made from, up to a target. */
export async function prepare(run: Run, data: RunData, target: RunTarget): Promise<Prepared> {
  const until = target === 'evaluate' ? neededUntil(run.plan) : target
  const base = await trainStage(run, data, baseTask(run.plan))
  if (until === 'train') return { base }
  if (until === 'audit') return { base, audits: await auditStages(run, data, base) }
  if (until === 'calibrate') return { base, ...(await calibrationStage(run, data, base)) }
  const trees = await treesStage(run, data, base)
  if (until === 'trees') return { base, trees }
  const candidates = await candidatesStage(run, data, base)
  if (until === 'candidates') return { base, trees, candidates }
  const judged = await judgeStage(run, data, trees, candidates)
  const calibrated = until === 'evaluate' && needsCalibration(run.plan) && (await calibrationStage(run, data, base))
  return { base, trees, candidates, judged, ...calibrated }
}

async function inTurn<A, B>(values: readonly A[], make: (value: A, index: number) => Promise<B>): Promise<B[]> {
  const made: B[] = []
  for (const [index, value] of values.entries()) made.push(await make(value, index))
  return made
}

async function writeMetrics({ directory, plan }: Run, data: RunData, methods: readonly Method[]): Promise<MetricsFile> {
  const rows = methods.map(rowOf)
  const protocol = plan.run.protocol.includes('released') ? 'released' : 'strict'
  const users = Math.max(...methods.map(({ result }) => result.value.users))
  const size = { users, items: data.value.train.items }
  const file: MetricsFile = { dataHash: data.value.hash, protocol, evaluatedOn: plan.run.evaluateOn, ...size, rows }
  await writeJson(join(directory, 'metrics.json'), file)
  return file
}
