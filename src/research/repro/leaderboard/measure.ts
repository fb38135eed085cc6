/** Rows of a published table made again: chosen on validation, fitted on train + valid, evaluated on test once. */
import { existsSync, readdirSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset } from '../../../dataset/dataset.ts'
import { historiesOf } from '../../../dataset/histories.ts'
import type { Split } from '../../../dataset/split.ts'
import { evaluate } from '../../../evaluation/evaluate.ts'
import { observedBeforeTest } from '../../../evaluation/observed.ts'
import { seenAt } from '../../../evaluation/protocols.ts'
import { searchOptions } from '../../../evaluation/search-options.ts'
import { createValidation } from '../../../evaluation/validation.ts'
import { makeDirectory, sha256 } from '../../../files.ts'
import type { Kernels } from '../../../kernels/interface/kernels.ts'
import { fitInSteps } from '../../../models/baselines/fit-in-steps.ts'
import { baselines } from '../../../models/baselines/index.ts'
import { embeddingRecommender } from '../../../models/embeddings.ts'
import { bytes } from '../../../numbers.ts'
import { type Progress, showAsStage, showTraining } from '../../../run/shown.ts'
import type { RunEvent } from '../../../run/stage.ts'
import { type Interval, percentileInterval, resampleMeans } from '../../../statistics/bootstrap.ts'
import { checkpointFile } from '../../../training/checkpoint.ts'
import type { Course } from '../../../training/early-stopping.ts'
import type { TrainingOptions } from '../../../training/options.ts'
import { type TrainRequest, train } from '../../../training/trainer.ts'
import { version } from '../../../version.ts'

/** A row: what is fitted, and whether validation has a say in it. */
export type Method = {
  readonly name: string
  /** what differs from what was published, or why this is the row beside it */
  readonly note?: string
} & (
  | { readonly baseline: string; readonly options: Readonly<Record<string, unknown>>; readonly search?: boolean }
  | {
      readonly model: { readonly part: string; readonly options: Readonly<Record<string, unknown>> }
      readonly objective: { readonly part: string; readonly options?: Readonly<Record<string, unknown>> }
      readonly sampler?: { readonly part: string; readonly options?: Readonly<Record<string, unknown>> }
      readonly training: Partial<TrainingOptions>
      /** how long it trains; whether validation finds that out */
      readonly course: Course | 'by validation'
    }
)

export interface Measured {
  readonly name: string
  readonly note?: string
  /** the options, as validation chose them */
  readonly options: Readonly<Record<string, unknown>>
  /** by metric, such as `recall@20`; absent where the method does not support the data */
  readonly values?: Readonly<Record<string, { readonly value: number } & Interval>>
  readonly unsupported?: string
  /** of the last epoch, the mean over its positives with the L2 term */
  readonly loss?: number
  /** choosing, fitting and ranking, of all threads; absent where an earlier session, which was stopped, did a part of it */
  readonly processorSeconds?: number
}

export interface MeasureContext {
  readonly split: Split
  readonly kernels: Kernels
  readonly seed: number
  readonly cutoffs: readonly number[]
  readonly signal?: AbortSignal | undefined
  readonly emit?: ((event: RunEvent) => void) | undefined
  /** where what is not done yet is kept when it is stopped, to go on from */
  readonly scratch?: string
  /** is given each row as it is done */
  readonly keep?: (method: Method, row: Measured) => Promise<void>
}

const RESAMPLES = 1000

/** All that validation decides is decided for every row before test is opened for the first. */
export async function measureAll(methods: readonly Method[], context: MeasureContext): Promise<Measured[]> {
  const { split, emit, scratch } = context
  const ready: { method: Method; work: Work; chosen: Chosen; seconds: number }[] = []
  for (const method of methods) {
    const title = `Choosing ${method.name} on validation`
    const work = await workOn(method, context)
    const [chosen, seconds] = await timed(() =>
      showAsStage(emit, { stage: method.name, title }, progress => choose(method, work, progress)),
    )
    ready.push({ method, work, chosen, seconds })
  }
  const observed = observedBeforeTest(split)
  const measured: Measured[] = []
  for (const { method, work, chosen, seconds } of ready) {
    const title = `Fitting ${method.name}, and ranking test`
    const { processorSeconds, ...known } = await showAsStage(emit, { stage: method.name, title }, progress =>
      measure(method, chosen, seconds, observed, work, progress),
    )
    const row = work.resumed ? known : { ...known, processorSeconds }
    await context.keep?.(method, row)
    measured.push(row)
  }
  for (const { work } of ready) if (work.folder) await rm(work.folder, { recursive: true, force: true })
  // what other rows have left there stays
  if (scratch !== undefined && ready.length > 0 && readdirSync(scratch).length === 0) await rmdir(scratch)
  return measured
}

type Chosen = Readonly<Record<string, unknown>>

/** A row in the making. */
interface Work extends MeasureContext {
  /** what it is made of: another version, data, method or seed makes another row */
  readonly key: string
  /** of this row alone, in `scratch` */
  readonly folder?: string
  /** whether an earlier session has begun it */
  readonly resumed: boolean
}

async function workOn(method: Method, context: MeasureContext): Promise<Work> {
  const { split, seed, scratch } = context
  const key = sha256(JSON.stringify([version, split.hash, method, seed]))
  if (scratch === undefined) return { ...context, key, resumed: false }
  const folder = join(scratch, key.slice(0, 16))
  const resumed = existsSync(folder)
  await makeDirectory(folder)
  return { ...context, key, folder, resumed }
}

async function timed<T>(body: () => Promise<T>): Promise<[T, number]> {
  const before = process.cpuUsage()
  const result = await body()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1e6]
}

async function choose(method: Method, work: Work, progress: Progress): Promise<Chosen> {
  const { split, kernels, seed, signal } = work
  const { train: data, valid: truth } = split
  const seen = seenAt('valid', split)
  const stop = signal && { signal }
  if ('baseline' in method) {
    const { baseline, options, search } = method
    const definition = baselines.get(baseline)
    if (!search || definition.unsupportedReason?.(data, options) !== undefined) return options
    const request = { truth, histories: historiesOf(data), seen, seed, ...stop }
    const found = await searchOptions(
      definition,
      options,
      Object.keys(options),
      { train: data, kernels, seed },
      request,
    )
    return found.best.options
  }
  if (method.course !== 'by validation') return { epochs: method.course.bestEpoch, drops: method.course.drops }
  const validate = createValidation(kernels, { truth, seen, seed })
  const { bestEpoch, drops } = await train({
    ...trainRequest(method, data, work, progress),
    validate,
  })
  return { epochs: bestEpoch, drops }
}

/** A training that is stopped goes on where it was. */
function trainRequest(
  method: Extract<Method, { model: unknown }>,
  train: Dataset,
  { kernels, seed, signal, key, folder, emit }: Work,
  progress: Progress,
  course?: Course,
): TrainRequest {
  const { name, model, objective, sampler = { part: 'uniform' }, training } = method
  const fingerprint = JSON.stringify([key, course])
  const say = (text: string) => emit?.({ type: 'message', stage: name, text })
  return {
    ...{ kernels, train, model, objective, sampler, course, seed },
    ...{ options: training, progress: showTraining(progress) },
    ...(folder && { checkpoint: checkpointFile(join(folder, course ? 'fit' : 'choice'), fingerprint, say) }),
    ...(signal && { signal }),
  }
}

/** Why a baseline is not fitted here: what it says of the data, or for want of memory. */
function reasonAgainst(name: string, data: Dataset, options: Chosen): string | undefined {
  const { unsupportedReason, heapFootprint } = baselines.get(name)
  const unsupported = unsupportedReason?.(data, options)
  const [needed, free] = [heapFootprint?.(data, options) ?? 0, process.availableMemory()]
  if (unsupported !== undefined || needed <= free) return unsupported
  return `left out: it needs ${bytes(needed)} of memory, and ${bytes(free)} are free`
}

async function measure(
  method: Method,
  chosen: Chosen,
  spent: number,
  observed: Dataset,
  work: Work,
  progress: Progress,
): Promise<Measured & { readonly processorSeconds: number }> {
  const { split, kernels, seed, cutoffs, signal, key, folder, emit } = work
  const { name, note } = method
  const row = { name, options: chosen, ...(note !== undefined && { note }) }
  const reason = 'baseline' in method ? reasonAgainst(method.baseline, observed, chosen) : undefined
  if (reason !== undefined) return { ...row, unsupported: reason, processorSeconds: spent }
  const before = process.cpuUsage()
  const trained =
    'baseline' in method
      ? undefined
      : await train(
          trainRequest(method, observed, work, progress, {
            bestEpoch: chosen.epochs as number,
            drops: chosen.drops as number[],
          }),
        )
  const say = (text: string) => emit?.({ type: 'message', stage: name, text })
  const watch = {
    signal,
    say,
    progress,
    ...(folder && { checkpoint: { path: join(folder, 'fit'), key: JSON.stringify([key, chosen]) } }),
  }
  const { perUser } = await kernels.memory.scope(async () => {
    const recommender =
      'baseline' in method
        ? await fitInSteps(baselines.get(method.baseline), { train: observed, kernels, seed }, chosen, watch)
        : embeddingRecommender(trained!.embeddings, kernels, observed)
    const request = { truth: split.test, histories: historiesOf(observed), seen: observed.byUser, seed, cutoffs }
    return evaluate(recommender, { ...request, ...(signal && { signal }) })
  })
  const { user, system } = process.cpuUsage(before)
  const columns = Object.entries(perUser.values)
  const samples = await resampleMeans(
    columns.map(([, values]) => [values]),
    { seed, resamples: RESAMPLES },
    kernels,
  )
  const values = Object.fromEntries(
    columns.map(([metric, own], at) => {
      const value = own.reduce((sum, one) => sum + one, 0) / own.length
      return [metric, { value, ...percentileInterval(samples[at], 0.95) }]
    }),
  )
  const loss = trained?.history.at(-1)?.loss
  return { ...row, values, ...(loss !== undefined && { loss }), processorSeconds: spent + (user + system) / 1e6 }
}
