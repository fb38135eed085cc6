/** Makes the runs of a study, one after the other, and what is written of them. A study that was stopped goes on. */

import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../../errors.ts'
import { metrics as registry } from '../../metrics/index.ts'
import { flagName, parseOptions, splitOptions, text } from '../../options.ts'
import { callable, checkRequest, plainObject, watchFields } from '../../requests.ts'
import type { HiddenLikes } from '../../run/demo.ts'
import { openDirectory } from '../../run/directory.ts'
import { finalMethod } from '../../run/method-names.ts'
import { headlineRows, overSeeds } from '../../run/metrics-file.ts'
import type { RunPlan } from '../../run/options/plan.ts'
import { checkOptionNames, planRun, unusedOptions, withoutOptions } from '../../run/options/plan-run.ts'
import type { RunResult, RunTarget } from '../../run/request.ts'
import { checkJudges, run } from '../../run/run.ts'
import { titled } from '../../run/shown.ts'
import type { Watch } from '../../run/stage.ts'
import { type MeasuredRow, readValues, withDifferences } from './differences.ts'
import { measure } from './measure.ts'
import {
  type Given,
  type Prepared,
  questionOptions,
  type StudyDefinition,
  type StudyRow,
  type Variant,
} from './study.ts'
import { type WrittenStudy, writeStudy } from './write.ts'

export interface StudyRequest extends Watch {
  readonly study: StudyDefinition
  /** file, glob or directory of interactions */
  readonly source: string
  /** made if it is not there */
  readonly directory: string
  /** the study's own options, and those of `questionOptions` */
  readonly options?: Given
  /** options of every run; `evaluateOn` is the study's to say */
  readonly given?: Given
  /** what is planted in the data, where that is known */
  readonly hidden?: HiddenLikes
}

const FIELDS = {
  study: z.object({ name: text, variants: callable }),
  ...{
    source: text,
    directory: text,
    options: plainObject.optional(),
    given: plainObject.optional(),
    hidden: plainObject.optional(),
    ...watchFields,
  },
} satisfies Record<keyof StudyRequest, z.ZodType>

/**
 * Runs every variant in a directory of its own; stages that several need are made once, in `stages`.
 * @throws UsageError for an option that is unknown or out of range, or a metric that is not measured; whatever `run`
 *   throws, and `signal` aborts with
 */
export async function runStudy(request: StudyRequest): Promise<WrittenStudy> {
  checkRequest('runStudy', FIELDS, request)
  const { directory, hidden, signal } = request
  const { own, on, metric, given } = readRequest(request)
  const study = request.study.instead?.(own) ?? request.study
  checkOptionNames(Object.keys(given))
  const plan = planRun(withoutOptions(given, unusedOptions(given)))
  checkMetric(study, plan, metric)
  const ask = (prepared?: Prepared) => {
    const variants = study.variants(own, { metric, plan, ...(prepared && { prepared: prepared.values }) })
    checkGiven(study, variants, prepared?.given ?? given)
    return variants
  }
  // wrong usage is found before a directory is made, where nothing has to be prepared first
  if (!study.prepare) ask()
  const place = await openDirectory(directory, true)
  try {
    const prepared = await study.prepare?.({ ...request, given, plan, on, own, ...(signal && { signal }) })
    if (prepared) request.emit?.({ type: 'message', stage: 'data', text: prepared.text })
    const variants = ask(prepared)
    const options = { ...(prepared?.given ?? given), evaluateOn: prepared?.on ?? on }
    const runs = { ...request, study, source: prepared?.source ?? request.source }
    await checkVariants(runs, variants, options)
    const { rows, first } = await runVariants(runs, variants, options, metric)
    const references = study.holdsBaselines ? [] : referenceRows(first)
    return await writeStudy(directory, {
      study,
      options: { ...own, metric, on },
      given,
      rows,
      references,
      first,
      planted: hidden !== undefined,
    })
  } finally {
    place.release()
  }
}

/** Judges and data that a later variant cannot use are found before anything is trained. */
async function checkVariants(request: StudyRequest, variants: readonly Variant[], given: Given): Promise<void> {
  // what hangs on earlier rows is not known yet
  const known = variants
    .filter(({ options }) => typeof options !== 'function')
    .map(variant => ({ variant, options: optionsOf(variant, [], given) }))
  for (const { options } of known) checkJudges(planRun(options), request.study.until ?? 'evaluate')
  const bySource = Map.groupBy(known, ({ options }) => JSON.stringify(planRun(options).source))
  if (bySource.size < 2) return
  for (const [{ variant, options }] of bySource.values())
    await runVariant(request, variant, { options, until: 'data', place: variant.name })
}

function runVariant(
  { source, directory, signal, emit = () => {} }: StudyRequest,
  { name }: Variant,
  { options, until, place }: { options: Given; until?: RunTarget | undefined; place: string },
): Promise<RunResult> {
  signal?.throwIfAborted()
  return run({
    directory: join(directory, 'runs', slug(name)),
    store: join(directory, 'stages'),
    source,
    options,
    ...(until && { until }),
    ...(signal && { signal }),
    emit: titled(emit, place),
  })
}

/** One run a variant; `first` is the first one's. */
async function runVariants(
  request: StudyRequest,
  variants: readonly Variant[],
  given: Given,
  metric: string,
): Promise<{ rows: StudyRow[]; first: RunResult }> {
  const { study, hidden, signal } = request
  const measured: MeasuredRow[] = []
  let first: RunResult | undefined
  for (const [index, variant] of variants.entries()) {
    const done = measured.map(({ row }) => row)
    const place = `${variant.name} (${index + 1} of ${variants.length})`
    const result = await runVariant(request, variant, {
      options: optionsOf(variant, done, given),
      until: study.until,
      place,
    })
    first ??= result
    const method = variant.method?.(result.plan) ?? finalMethod(result.plan)
    const row = { name: variant.name, at: variant.at ?? {}, ...(await measure(result, method, hidden)) }
    const values = study.reference && (await readValues(result, method, metric))
    measured.push({ row, ...(values && { values }) })
  }
  return { rows: await withDifferences(study, measured, metric, signal), first: first! }
}

/** Studies ask what enters the training of DTL-NS, whatever a preset makes of it: rows with and without it are ranked alike. */
const ABOUT_TRAINING: Given = { final: 'dtl-ns', rerank: 'none' }

function readRequest({ study, options = {}, given = {} }: StudyRequest) {
  const { own: question, rest } = splitOptions(questionOptions, options)
  const { on, metric } = parseOptions(questionOptions, question, `study "${study.name}"`)
  const own = parseOptions(study.options, rest, `study "${study.name}"`)
  if (given.evaluateOn !== undefined)
    throw new UsageError(`study "${study.name}": give --on ${given.evaluateOn} in place of --evaluate-on`)
  return { own, on, metric, given: { ...ABOUT_TRAINING, ...study.defaults, ...given } }
}

/** What no run would look at is wrong usage, and is said before anything is run. */
function checkGiven(study: StudyDefinition, variants: readonly Variant[], given: Given): void {
  // what hangs on earlier rows is not known yet: it counts as setting nothing
  const sets = variants.map(({ options }) => (typeof options === 'function' ? {} : options))
  const ignored = Object.keys(given).find(key =>
    sets.every(own => key in own || unusedOptions({ ...given, ...own }).includes(key)),
  )
  if (ignored !== undefined)
    throw new UsageError(
      `${flagName(ignored)} changes no run of study "${study.name}", which sets it or does without it`,
    )
}

/** A variant may choose parts that do not know an option that was given for the others. */
function optionsOf({ options }: Variant, done: readonly StudyRow[], given: Given): Given {
  const own = typeof options === 'function' ? options(done) : options
  const all = { ...given, ...own }
  const unused = unusedOptions(all).filter(key => !(key in own))
  return withoutOptions(all, unused)
}

/** Before anything is trained. Studies that stop at the judge measure no metric. */
function checkMetric({ until }: StudyDefinition, { run: { cutoffs } }: RunPlan, metric: string): void {
  const known = registry.names.flatMap(name => cutoffs.map(k => `${name}@${k}`))
  if (until === undefined && !known.includes(metric))
    throw new UsageError(
      `metric "${metric}" is not measured: known are ${known.join(', ')}; other K are given with cutoffs`,
    )
}

/** The baselines of the first run, which every table has. */
function referenceRows({ metrics, plan }: RunResult): StudyRow[] {
  const names = plan.baselines.map(({ name }) => name)
  return overSeeds(headlineRows(metrics?.rows ?? []))
    .filter(({ method, skipped }) => names.includes(method) && skipped === undefined)
    .map(({ method, metrics }) => ({ name: method, at: {}, figures: metrics }))
}

/** A name as a folder: lower case, and hyphens for what is neither letter, digit nor dot. */
function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9.+]+/g, '-')
}
