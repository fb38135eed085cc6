/** Rows of a published table made again: chosen on validation, fitted on train + valid, evaluated on test once. */
import type { Dataset } from '../../../dataset/dataset.ts'
import { historiesOf } from '../../../dataset/histories.ts'
import type { Split } from '../../../dataset/split.ts'
import { evaluate } from '../../../evaluation/evaluate.ts'
import { observedBeforeTest } from '../../../evaluation/observed.ts'
import { seenAt } from '../../../evaluation/protocols.ts'
import { searchOptions } from '../../../evaluation/search-options.ts'
import { createValidation } from '../../../evaluation/validation.ts'
import type { Kernels } from '../../../kernels/interface/kernels.ts'
import { fitInSteps } from '../../../models/baselines/fit-in-steps.ts'
import { baselines } from '../../../models/baselines/index.ts'
import { embeddingRecommender } from '../../../models/embeddings.ts'
import { type Interval, percentileInterval, resampleMeans } from '../../../statistics/bootstrap.ts'
import type { TrainingOptions } from '../../../training/options.ts'
import { train } from '../../../training/trainer.ts'

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
      /** validation chooses the epochs; as many as `training` says when absent */
      readonly stop?: boolean
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
  /** choosing, fitting and ranking, of all threads */
  readonly processorSeconds: number
}

export interface MeasureContext {
  readonly split: Split
  readonly kernels: Kernels
  readonly seed: number
  readonly cutoffs: readonly number[]
  readonly signal?: AbortSignal | undefined
  readonly say?: (text: string) => void
  /** where a long fit that is stopped is kept, to go on from */
  readonly scratch?: string
  /** is given each row as it is done */
  readonly keep?: (method: Method, row: Measured) => Promise<void>
}

const RESAMPLES = 1000

/** All that validation decides is decided for every row before test is opened for the first. */
export async function measureAll(methods: readonly Method[], context: MeasureContext): Promise<Measured[]> {
  const { split, say = () => {} } = context
  const ready: { method: Method; chosen: Readonly<Record<string, unknown>>; seconds: number }[] = []
  for (const method of methods) {
    say(`${method.name}: choosing on validation`)
    const [chosen, seconds] = await timed(() => choose(method, context))
    ready.push({ method, chosen, seconds })
  }
  const observed = observedBeforeTest(split)
  const measured: Measured[] = []
  for (const { method, chosen, seconds } of ready) {
    say(`${method.name}: fitting, and ranking on test`)
    const row = await measure(method, chosen, seconds, observed, context)
    await context.keep?.(method, row)
    measured.push(row)
  }
  return measured
}

async function timed<T>(body: () => Promise<T>): Promise<[T, number]> {
  const before = process.cpuUsage()
  const result = await body()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1e6]
}

async function choose(method: Method, { split, kernels, seed, signal }: MeasureContext) {
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
  if (!method.stop) return { epochs: method.training.epochs, drops: [] }
  const validate = createValidation(kernels, { truth, seen, seed })
  const { bestEpoch, drops } = await train({
    ...trainRequest(method, data, kernels, seed, method.training),
    validate,
    ...stop,
  })
  return { epochs: bestEpoch, drops }
}

const trainRequest = (
  { model, objective, sampler = { part: 'uniform' } }: Extract<Method, { model: unknown }>,
  data: Dataset,
  kernels: Kernels,
  seed: number,
  options: Partial<TrainingOptions>,
) => ({ kernels, train: data, model, objective, sampler, options, seed })

async function measure(
  method: Method,
  chosen: Readonly<Record<string, unknown>>,
  spent: number,
  observed: Dataset,
  context: MeasureContext,
): Promise<Measured> {
  const { split, kernels, seed, cutoffs, signal, scratch, say = () => {} } = context
  const { name, note } = method
  const row = { name, options: chosen, ...(note !== undefined && { note }) }
  const reason = 'baseline' in method ? baselines.get(method.baseline).unsupportedReason?.(observed, chosen) : undefined
  if (reason !== undefined) return { ...row, unsupported: reason, processorSeconds: spent }
  const before = process.cpuUsage()
  const trained =
    'baseline' in method
      ? undefined
      : await train({
          ...trainRequest(method, observed, kernels, seed, method.training),
          course: { bestEpoch: chosen.epochs as number, drops: chosen.drops as number[] },
          ...(signal && { signal }),
        })
  const key = JSON.stringify([split.hash, method, chosen, seed])
  const watch = { signal, say, ...(scratch !== undefined && { checkpoint: { path: scratch, key } }) }
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
