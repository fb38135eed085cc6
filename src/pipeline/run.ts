/**
 * The stages in order. Everything before the evaluation sees train data only; the test data is opened by the
 * `evaluate-…` stages at the end, once a method.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applyVerdicts } from '../enhance/enhance.ts'
import { DataError, UsageError } from '../errors.ts'
import { writeAtomic } from '../files.ts'
import type { Candidates } from '../judges/judge.ts'
import { createKernels } from '../kernels/wasm.ts'
import type { Run, RunData } from './context.ts'
import { dataStage } from './data-stage.ts'
import { openDirectory } from './directory.ts'
import { describeEnvironment } from './environment.ts'
import { type EvaluationResult, evaluateBaseline, evaluateTrained } from './evaluate-stage.ts'
import { candidatesStage, judgeStage, type StoredVerdicts } from './judge-stages.ts'
import type { MetricsFile, MetricsRow } from './metrics-file.ts'
import { type PartChoice, planRun, type RunPlan } from './plan.ts'
import { type ReleasedEnhancement, releasedEnhancement } from './released.ts'
import { logEvents, type Manifest, type RunEvent, type StageResult } from './stage.ts'
import { type TrainedModel, trainStage } from './train-stage.ts'
import { type StoredTrees, treesStage } from './trees-stage.ts'

/** How far a run goes; each includes what it needs. `train` is the base model. */
export const runTargets = ['data', 'baselines', 'train', 'trees', 'candidates', 'judge', 'evaluate'] as const
export type RunTarget = (typeof runTargets)[number]

export interface RunRequest {
  /** the run directory; made if it is not there */
  readonly directory: string
  /** file, glob or directory of interactions; absent to go on with the data in the run directory */
  readonly source?: string
  /** flat, as `planRun` takes them; on top of those of an earlier command on the same directory when there is no source */
  readonly options?: Readonly<Record<string, unknown>>
  /** 'evaluate' (everything) when absent */
  readonly until?: RunTarget
  readonly signal?: AbortSignal
  readonly emit?: (event: RunEvent) => void
}

export interface RunResult {
  readonly directory: string
  readonly plan: RunPlan
  readonly data: RunData
  /** of every stage that the target needed, in order */
  readonly stages: readonly Pick<Manifest, 'stage' | 'seconds' | 'peakBytes'>[]
  readonly base?: StageResult<TrainedModel>
  readonly trees?: StageResult<StoredTrees>
  readonly candidates?: StageResult<Candidates>
  readonly judged?: StageResult<StoredVerdicts>
  /** the content of `metrics.json`, after 'evaluate' and 'baselines' */
  readonly metrics?: MetricsFile
}

/** A row of the table, and what it is made from. */
interface Method {
  readonly name: string
  readonly protocol: MetricsRow['protocol']
  readonly options: Record<string, unknown>
  readonly model?: StageResult<TrainedModel>
  readonly result: StageResult<EvaluationResult>
}

export const BASE_STAGE = 'train-base'
export const FINAL_STAGE = 'train-dtl-ns'

/**
 * Runs all stages up to a target, reusing those whose inputs and options are as they were.
 * @throws UsageError, DataError, OutputError or RunError, each with one line; whatever `signal` aborts with
 */
export async function run(request: RunRequest): Promise<RunResult> {
  const { directory, signal, until = 'evaluate' } = request
  const earlier = await readOptions(directory)
  if (!earlier && request.source === undefined)
    throw new UsageError(
      `${directory} is no run directory (it has no options.json): start one with "dualtree data <data> --out ${directory}"`,
    )
  const source = request.source ?? earlier!.source
  const given = { ...(request.source === undefined && earlier!.given), ...request.options }
  const plan = planRun(given)
  const place = await openDirectory(directory, earlier !== undefined)
  try {
    const kernels = createKernels()
    const log = logEvents(directory, request.emit ?? (() => {}))
    const stages: Pick<Manifest, 'stage' | 'seconds' | 'peakBytes'>[] = []
    const emit = (event: RunEvent) => {
      if (event.type === 'stage-end') stages.push(event)
      log(event)
    }
    const context: Run = { directory, source, plan, kernels, emit, ...(signal && { signal }) }
    // data that cannot be used leaves nothing behind
    const data = await dataStage(context).catch(async error => {
      if (!signal?.aborted) await place.undo()
      throw error
    })
    await writeAtomic(join(directory, 'options.json'), json({ source, given, plan }))
    await writeAtomic(join(directory, 'environment.json'), json(describeEnvironment(plan.run.seed, data.value.hash)))
    return { ...(await runStages(context, data, until)), stages }
  } finally {
    place.release()
  }
}

async function runStages(context: Run, data: RunData, until: RunTarget): Promise<Omit<RunResult, 'stages'>> {
  const { directory, plan } = context
  const result = { directory, plan, data }
  if (until === 'data') return result
  if (until === 'baselines') {
    const methods = await evaluateBaselines(context, data)
    return { ...result, metrics: await writeMetrics(context, data, methods) }
  }
  const base = await trainStage(context, data, {
    name: BASE_STAGE,
    title: `Training the base model (${methodName(plan, plan.baseSampler)})`,
    sampler: plan.baseSampler,
  })
  if (until === 'train') return { ...result, base }
  const trees = await treesStage(context, data, base)
  if (until === 'trees') return { ...result, base, trees }
  const candidates = await candidatesStage(context, data, base)
  if (until === 'candidates') return { ...result, base, trees, candidates }
  const judged = await judgeStage(context, data, trees, candidates)
  if (until === 'judge') return { ...result, base, trees, candidates, judged }

  const models = await trainOthers(context, data, base, trees, candidates.value, judged)
  const methods = await evaluateBaselines(context, data)
  for (const { name, protocol, options, model, seen } of models)
    methods.push({ name, protocol, options, model, result: await evaluateTrained(context, data, name, model, seen) })
  return { ...result, base, trees, candidates, judged, metrics: await writeMetrics(context, data, methods) }
}

interface TrainedMethod extends Omit<Method, 'result' | 'model'> {
  readonly model: StageResult<TrainedModel>
  readonly seen?: ReleasedEnhancement['seen']
}

/** The base model, the same with the negatives to compare, and DTL-NS; all before any of them is evaluated. */
async function trainOthers(
  run: Run,
  data: RunData,
  base: StageResult<TrainedModel>,
  trees: StageResult<StoredTrees>,
  candidates: Candidates,
  judged: StageResult<StoredVerdicts>,
): Promise<TrainedMethod[]> {
  const { plan } = run
  const { codes } = trees.value
  const ofSampler = (sampler: PartChoice) => ({
    model: plan.model,
    objective: plan.objective,
    sampler,
    training: plan.training,
  })
  const methods: TrainedMethod[] = [
    { name: methodName(plan, plan.baseSampler), protocol: 'strict', options: ofSampler(plan.baseSampler), model: base },
  ]
  for (const sampler of plan.compare) {
    const name = methodName(plan, sampler)
    if (methods.some(method => method.name === name)) continue
    const task = { name: `train-${name}`, title: `Training ${name}`, sampler, codes, inputs: { trees: trees.hash } }
    methods.push({ name, protocol: 'strict', options: ofSampler(sampler), model: await trainStage(run, data, task) })
  }

  const { train } = data.value
  const { verdicts } = judged.value
  const task = {
    sampler: plan.sampler,
    codes,
    inputs: { trees: trees.hash, judge: judged.hash, ...enhanceInputs(plan) },
  }
  const options = { ...ofSampler(plan.sampler), judge: plan.judge, enhance: plan.enhance, trees: plan.trees }
  const enhanced = applyVerdicts(train, candidates, verdicts, plan.enhance)
  const model = await trainStage(run, data, { ...task, name: FINAL_STAGE, title: 'Training DTL-NS', enhanced })
  methods.push({ name: 'dtl-ns', protocol: 'strict', options, model })
  if (plan.run.protocol === 'released') {
    const { added } = applyVerdicts(train, candidates, verdicts, { use: 'positives' })
    const { enhanced, seen } = releasedEnhancement(data.value, added)
    const title = 'Training DTL-NS under the released protocol'
    const model = await trainStage(run, data, { ...task, name: `${FINAL_STAGE}-released`, title, enhanced, seen })
    methods.push({
      name: 'dtl-ns-released',
      protocol: 'released',
      options: { ...options, enhance: { use: 'positives' } },
      model,
      seen,
    })
  }
  return methods
}

/** How verdicts are used is an input of the training like any hash. */
function enhanceInputs({ enhance }: RunPlan): Record<string, string> {
  return { enhance: JSON.stringify(enhance) }
}

async function evaluateBaselines(run: Run, data: RunData): Promise<Method[]> {
  const methods: Method[] = []
  for (const baseline of run.plan.baselines) {
    const result = await evaluateBaseline(run, data, baseline)
    methods.push({ name: baseline.name, protocol: 'strict', options: baseline.options, result })
  }
  return methods
}

/** "lightgcn+mixgcf" */
export function methodName(plan: RunPlan, sampler: PartChoice): string {
  return `${plan.model.name}+${sampler.name}`
}

async function writeMetrics({ directory, plan }: Run, data: RunData, methods: readonly Method[]): Promise<MetricsFile> {
  const rows = methods.map(({ name, protocol, options, model, result }): MetricsRow => {
    const { metrics, skipped } = result.value
    const stages = [...(model ? [model.manifest] : []), result.manifest]
    return {
      method: name,
      protocol,
      seed: plan.run.seed,
      options,
      seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
      peakBytes: Math.max(...stages.map(({ peakBytes }) => peakBytes)),
      metrics,
      ...(skipped !== undefined && { skipped }),
    }
  })
  const file: MetricsFile = { dataHash: data.value.hash, protocol: plan.run.protocol, rows }
  await writeAtomic(join(directory, 'metrics.json'), json(file))
  return file
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

interface KeptOptions {
  readonly source: string
  readonly given: Record<string, unknown>
}

async function readOptions(directory: string): Promise<KeptOptions | undefined> {
  const path = join(directory, 'options.json')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DataError(`${path}: not JSON; start the run again with "dualtree run <data> --out ${directory}"`, {
      cause: error,
    })
  }
}
