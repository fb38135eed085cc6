/**
 * A search for the options of one method: values drawn at random, successive halving, on validation data alone. What is
 * done is kept, a file a training, so that a sweep that was stopped goes on, and the same training is never made twice.
 */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { hashData } from '../../dataset/files/find.ts'
import { RunError, UsageError } from '../../errors.ts'
import { findJson, sha256, writeJson } from '../../files.ts'
import { parseOptions, text } from '../../options.ts'
import { checkRequest, plainObject, watchFields } from '../../requests.ts'
import { checkOptionNames, planRun, unusedOptions, withoutOptions } from '../../run/options/plan-run.ts'
import { run } from '../../run/run.ts'
import type { Watch } from '../../run/stage.ts'
import { version } from '../../version.ts'
import { bestOf, type Job, nextJob, type Outcome, rungBudgets } from './halving.ts'
import { type Method, parseMethod, rowsOfMethod } from './method.ts'
import { parseBudget, type SweepOptions, sweepOptions } from './options.ts'
import { drawValues, type Space } from './space.ts'
import { usualSpace } from './usual-space.ts'

type Given = Readonly<Record<string, unknown>>

export interface SweepRequest extends Watch {
  readonly source: string
  /** made if it is not there */
  readonly directory: string
  /** as `parseMethod` takes it: "ease", "mf:bpr:uniform", "recommended" */
  readonly method: string
  /** what is tried, by option: the usual ranges of the method unless given */
  readonly space?: Space
  /** options of every trial; what the space draws wins */
  readonly given?: Given
  readonly options?: Partial<SweepOptions>
}

const FIELDS = {
  source: text,
  directory: text,
  method: text,
  space: plainObject.optional(),
  given: plainObject.optional(),
  options: plainObject.optional(),
  ...watchFields,
} satisfies Record<keyof SweepRequest, z.ZodType>

/** A request with the method that its name means, and what is tried. */
type Search = Omit<SweepRequest, 'method'> & { readonly method: Method; readonly space: Space }

/** One training of a trial. Plain data, kept as JSON. */
export interface Training extends Outcome {
  /** flat, as `planRun` takes them */
  readonly options: Given
  /** all validation metrics; empty when it failed */
  readonly metrics: Readonly<Record<string, number>>
  readonly seconds: number
  /** why there is no value */
  readonly failed?: string
}

export interface SweepResult {
  readonly method: string
  readonly space: Space
  readonly settings: SweepOptions
  readonly source: string
  /** by file */
  readonly dataHashes: Readonly<Record<string, string>>
  /** in the order they were made */
  readonly trainings: readonly Training[]
  readonly best: Training
  /** why the search ended */
  readonly ended: 'all trials done' | 'budget reached'
}

/**
 * @throws UsageError for methods that there are not and options that no run could take (before anything is trained), RunError when every training failed;
 *   whatever `signal` aborts with
 */
export async function sweep(request: SweepRequest): Promise<SweepResult> {
  checkRequest('sweep', FIELDS, request)
  const { source, directory, given, signal } = request
  const method = parseMethod(request.method)
  const space = request.space ?? usualSpace(method, given)
  const search = { ...request, method, space }
  const settings = parseOptions(sweepOptions, request.options, 'sweep')
  const { metric, reduction } = settings
  const budget = parseBudget(settings.budget)
  checkOptionNames(Object.keys(space))
  const trials = Array.from({ length: settings.trials }, (_, trial) => optionsOfTrial(search, settings, trial))
  const budgets = budgetsOf(search, settings)
  const dataHashes = await hashData(source, signal)
  const trainings: Training[] = []
  const halving = { trials: trials.length, rungs: budgets.length, reduction }
  let spent = 0
  let job = nextJob(trainings, halving)
  for (; job && spent < budget; job = nextJob(trainings, halving)) {
    const training = await trainTrial(search, { ...job, metric, trials, budgets, dataHashes })
    trainings.push(training)
    spent += training.seconds
  }
  const best = bestOf(trainings.filter(({ failed }) => failed === undefined))
  if (!best)
    throw new RunError(
      `no trial of "${method.name}" could be trained; the first: ${trainings[0]?.failed ?? 'budget 0'}`,
    )
  const ended = job ? 'budget reached' : 'all trials done'
  const result: SweepResult = { method: method.name, space, settings, source, dataHashes, trainings, best, ended }
  if (!job) await rm(join(directory, 'stages'), { recursive: true, force: true })
  await writeJson(join(directory, 'sweep.json'), result)
  return result
}

interface Turn extends Job {
  readonly metric: string
  /** options of each trial */
  readonly trials: readonly Given[]
  /** epochs of each rung */
  readonly budgets: readonly (number | undefined)[]
  readonly dataHashes: Given
}

/** A training that is known already is read, any other made and kept. */
async function trainTrial(search: Search, turn: Turn): Promise<Training> {
  const { directory, method, emit = () => {} } = search
  const { trial, rung, metric, trials, budgets, dataHashes } = turn
  const epochs = budgets[rung]
  const options = { ...trials[trial], ...(epochs !== undefined && { epochs }) }
  const stage = `trial-${trial + 1}${budgets.length > 1 ? `-rung-${rung + 1}` : ''}`
  const title = `${method.name}: trial ${trial + 1} of ${trials.length}${lengthOf(epochs)}`
  emit({ type: 'stage-start', stage, title })
  const key = sha256(JSON.stringify([version, method.name, metric, options, dataHashes])).slice(0, 16)
  const path = join(directory, 'trials', `${key}.json`)
  const known = await findJson<Training>(path, 'remove it')
  const training = { ...(known ?? (await measure(search, metric, options, stage))), trial, rung }
  if (!known) await writeJson(path, training)
  emit({ type: 'message', stage, text: `${metric} ${training.failed ?? training.value.toFixed(4)}` })
  const { seconds } = training
  const peakBytes = process.resourceUsage().maxRSS * 1024
  emit({ type: 'stage-end', stage, seconds, peakBytes, reused: known !== undefined })
  return training
}

const lengthOf = (epochs: number | undefined) => (epochs === undefined ? '' : `, at most ${epochs} epochs`)

/** What the trial draws, without options of parts that it did not draw. */
function optionsOfTrial({ method, space, given }: Search, settings: SweepOptions, trial: number): Given {
  const drawn = drawValues(space, settings.searchSeed, trial)
  const fixed = { ...given, ...method.options, evaluateOn: 'valid', cutoffs: [Number(settings.metric.split('@')[1])] }
  const all = { ...fixed, ...drawn }
  const unused = unusedOptions(all).filter(key => key in drawn)
  const options = withoutOptions(all, unused)
  planRun(options)
  return options
}

/** Epochs of every rung; baselines have one rung, and no epochs. */
function budgetsOf({ method, given, space }: Search, { rungs, reduction }: SweepOptions): (number | undefined)[] {
  if ('epochs' in space)
    throw new UsageError('a search space cannot hold "epochs": successive halving decides how many')
  if (method.until === 'baselines') return [undefined]
  return rungBudgets(planRun({ ...given, ...method.options }).training.epochs, rungs, reduction)
}

/** Below every metric. */
const FAILED = -1

/**
 * Trains and evaluates on validation data. The run's own directory goes away, but not when it was stopped: then the same
 * training goes on from its checkpoint. Stages that trials share stay.
 */
async function measure(
  { source, directory, method, signal, emit = () => {} }: Search,
  metric: string,
  options: Given,
  stage: string,
): Promise<Omit<Training, 'trial' | 'rung'>> {
  const place = join(directory, 'running')
  const start = performance.now()
  const done = async (training: Omit<Training, 'trial' | 'rung' | 'seconds' | 'options'>) => {
    await rm(place, { recursive: true, force: true })
    return { ...training, options, seconds: (performance.now() - start) / 1000 }
  }
  try {
    const { metrics } = await run({
      directory: place,
      store: join(directory, 'stages'),
      source,
      options,
      until: method.until,
      ...(signal && { signal }),
      emit: event => {
        if (event.type === 'progress')
          emit({ ...event, stage, detail: [event.stage, event.detail].filter(Boolean).join(', ') })
      },
    })
    const [row] = rowsOfMethod(metrics!.rows, method)
    const value = row.metrics[metric]
    if (row.skipped === undefined && value === undefined)
      throw new UsageError(`metric "${metric}" is not measured: there are ${Object.keys(row.metrics).join(', ')}`)
    const failed = row.skipped === undefined ? {} : { failed: row.skipped }
    return done({ value: value ?? FAILED, metrics: row.metrics, ...failed })
  } catch (error) {
    // one setting that cannot be trained is no reason to end the search
    if (!(error instanceof RunError)) throw error
    return done({ value: FAILED, metrics: {}, failed: error.message })
  }
}
