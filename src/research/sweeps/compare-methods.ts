/**
 * Methods under equal budgets: the same search for each, on validation data, then several seeds of what each search found,
 * on test data, opened once, after the last search has ended.
 */

import { join } from 'node:path'
import { z } from 'zod'
import { compareRuns, type RunComparison } from '../../comparison/runs.ts'
import { UsageError } from '../../errors.ts'
import { writeJson } from '../../files.ts'
import { integer, text } from '../../options.ts'
import { checkRequest, plainObject, watchFields } from '../../requests.ts'
import { type MethodSummary, overSeeds } from '../../run/metrics-file.ts'
import { run } from '../../run/run.ts'
import { titled } from '../../run/shown.ts'
import type { Watch } from '../../run/stage.ts'
import { type Method, parseMethod, rowsOfMethod } from './method.ts'
import type { SweepOptions } from './options.ts'
import { type SweepResult, sweep } from './sweep.ts'

type Given = Readonly<Record<string, unknown>>

export interface MethodsRequest extends Watch {
  readonly source: string
  /** made if it is not there */
  readonly directory: string
  /** as `parseMethod` takes them */
  readonly methods: readonly string[]
  /** options of every run */
  readonly given?: Given
  /** of every search */
  readonly options?: Partial<SweepOptions>
  /** of the runs on test data */
  readonly seeds: number
}

const FIELDS = {
  ...{ source: text, directory: text, methods: z.array(text).min(1), seeds: integer(1), ...watchFields },
  ...{ given: plainObject.optional(), options: plainObject.optional() },
} satisfies Record<keyof MethodsRequest, z.ZodType>

export interface ComparedMethod {
  readonly name: string
  /** what the search found, which the runs on test data have */
  readonly found: Given
  readonly validation: number
  readonly trainings: number
  readonly searchSeconds: number
  /** directory of the runs on test data */
  readonly run: string
  readonly result: MethodSummary
}

export interface MethodsResult {
  readonly metric: string
  readonly methods: readonly ComparedMethod[]
  /** the method that was best on validation data against each other one; absent for a single method */
  readonly comparison?: RunComparison
}

/** @throws UsageError for unknown or repeated methods; whatever `sweep` and `run` throw, and `signal` aborts with */
export async function compareTunedMethods(request: MethodsRequest): Promise<MethodsResult> {
  checkRequest('compareTunedMethods', FIELDS, request)
  const { methods: _, seeds: __, ...search } = request
  const { directory } = request
  const methods = request.methods.map(parseMethod)
  const twice = request.methods.find((name, at) => request.methods.indexOf(name) !== at)
  if (twice !== undefined) throw new UsageError(`method "${twice}" is named twice: once is enough`)
  const searched: { method: Method; found: SweepResult }[] = []
  for (const method of methods)
    searched.push({
      method,
      found: await sweep({
        ...search,
        directory: join(directory, 'sweeps', folderOf(method)),
        method: method.name,
      }),
    })
  const compared: ComparedMethod[] = []
  for (const { method, found } of searched) compared.push(await testMethod(request, method, found))
  const comparison = compared.length > 1 ? await compareWithBest(compared, request) : undefined
  const result: MethodsResult = {
    metric: searched[0].found.settings.metric,
    methods: compared,
    ...(comparison && { comparison }),
  }
  await writeJson(join(directory, 'methods.json'), result)
  return result
}

const folderOf = ({ name }: Method) => name.replace(/[^a-z0-9-]+/g, '-')

async function testMethod(
  { source, directory, given, seeds, signal, emit = () => {} }: MethodsRequest,
  method: Method,
  { best, trainings, space, settings }: SweepResult,
): Promise<ComparedMethod> {
  const place = join(directory, 'runs', folderOf(method))
  const found = Object.fromEntries(Object.entries(best.options).filter(([option]) => option in space))
  // a list of the metric's length, as validation had it, and the usual ones
  const cutoffs = [...new Set([10, 20, 50, Number(settings.metric.split('@')[1])])].sort((a, b) => a - b)
  const { metrics } = await run({
    directory: place,
    source,
    options: { cutoffs, ...given, ...method.options, ...found, seeds },
    until: method.until,
    ...(signal && { signal }),
    emit: titled(emit, method.name),
  })
  const [result] = overSeeds(rowsOfMethod(metrics!.rows, method))
  return {
    name: method.name,
    found,
    validation: best.value,
    trainings: trainings.length,
    searchSeconds: trainings.reduce((sum, { seconds }) => sum + seconds, 0),
    run: place,
    result,
  }
}

/** Chosen on validation data, so that test data does not choose what is tested. */
function compareWithBest(
  compared: readonly ComparedMethod[],
  { signal, emit }: MethodsRequest,
): Promise<RunComparison> {
  const entry = ({ run, result }: ComparedMethod) => `${result.method} (${run})`
  const best = compared.reduce((first, own) => (own.validation > first.validation ? own : first))
  const others = compared.filter(own => own !== best)
  return compareRuns(
    compared.map(({ run }) => run),
    { method: entry(best), against: others.map(entry), groups: 0 },
    { ...(signal && { signal }), ...(emit && { emit }) },
  )
}
