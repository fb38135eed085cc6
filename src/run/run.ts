/** A run directory from a request: options that are kept, a lock, data, and then the stages up to a target. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { explainRemoved, writeJson } from '../files.ts'
import { judges } from '../judges/index.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { physicalCores } from '../kernels/wasm/pool.ts'
import { createKernels } from '../kernels/wasm/wasm.ts'
import { anything, flagName, text } from '../options.ts'
import type { Part } from '../registry.ts'
import { callable, checkRequest, plainObject, watchFields } from '../requests.ts'
import type { Run } from './context.ts'
import { describeRun } from './describe-run.ts'
import { findOptions, type KeptOptions, keepOptions, openDirectory, readOptions } from './directory.ts'
import { describeEnvironment } from './environment.ts'
import type { RunPlan } from './options/plan.ts'
import { isOption, planRun, recallOptions } from './options/plan-run.ts'
import { partsByName, withParts } from './own-parts.ts'
import { createProfiler } from './profile.ts'
import { type GivenRequest, type RunRequest, type RunResult, type RunTarget, runTargets } from './request.ts'
import { runStages } from './run-stages.ts'
import { logEvents, type RunEvent } from './stage.ts'
import { discardStage, type Manifest } from './stage-folder.ts'
import { dataStage } from './stages/data.ts'
import { tunePlan } from './stages/tune.ts'
import { keepTitles } from './titles.ts'

/**
 * Runs all stages up to a target, reusing those whose inputs and options are as they were.
 * @throws UsageError, DataError, OutputError or RunError, each with one line; whatever `signal` aborts with
 */
export function run<const P extends readonly Part[]>(request: RunRequest<P>): Promise<RunResult> {
  return runGiven(request)
}

/** `run`, for options that the compiler does not know. */
export async function runGiven(request: GivenRequest): Promise<RunResult> {
  checkRunRequest(request)
  const { options, parts } = partsByName(request.options ?? {})
  return withParts([...(request.parts ?? []), ...parts], () => runInScope({ ...request, options }))
}

const FIELDS = {
  ...{ directory: text, source: text.optional(), store: text.optional(), remake: text.optional() },
  ...{ parts: z.array(z.any()).optional(), options: plainObject.optional() },
  ...{ until: z.enum(runTargets).optional(), keepFinished: z.boolean().optional() },
  ...{ sharding: anything, finish: callable.optional(), ...watchFields },
} satisfies Record<keyof GivenRequest, z.ZodType>

/** @throws UsageError for a field that there is not, or one with a value that it cannot have */
function checkRunRequest(request: GivenRequest): void {
  const misplaced = Object.keys(request ?? {}).find(key => !(key in FIELDS) && isOption(key))
  if (misplaced !== undefined) throw new UsageError(`run: "${misplaced}" is an option: give it in "options"`)
  checkRequest('run', FIELDS, request)
}

async function runInScope(request: GivenRequest): Promise<RunResult> {
  const { directory, signal, store, until = 'evaluate' } = request
  const anew = request.source !== undefined
  // with new data, what the directory remembers does not matter, and may be damaged
  const earlier = anew ? await findOptions(directory).catch(() => undefined) : await readOptions(directory)
  const source = request.source ?? earlier!.source
  const { given, aside } = recallOptions(anew ? {} : earlier!.given, request.options ?? {})
  const plan = planRun(given)
  if (request.keepFinished && earlier) checkFinished(directory, earlier, { source, given })
  checkJudges(plan, until)
  const place = await openDirectory(directory, earlier !== undefined)
  const write = logEvents(directory, request.emit ?? (() => {}))
  const log = (event: RunEvent) => {
    place.check()
    write(event)
  }
  let plain: Kernels | undefined
  try {
    plain = createKernels({
      // reading data asks nothing of the kernels
      threads: until === 'data' && !request.finish ? 1 : plan.run.threads || physicalCores(),
      onLost: text => log({ type: 'message', stage: 'data', text }),
    })
    const profiler = plan.run.profile ? createProfiler(plain) : undefined
    const kernels = profiler?.kernels ?? plain
    if (request.remake !== undefined) await discardStage(directory, request.remake)
    const stages: Pick<Manifest, 'stage' | 'seconds' | 'peakBytes'>[] = []
    const emit = (event: RunEvent) => {
      if (event.type === 'stage-end') stages.push(event)
      profiler?.observe(event)
      log(event)
    }
    const asked: Run = {
      directory,
      source,
      plan,
      kernels,
      emit,
      sourceIsNew: !earlier || resolve(earlier.source) !== resolve(source),
      ...(store !== undefined && { store }),
      ...(request.sharding && { sharding: request.sharding }),
      ...(signal && { signal }),
    }
    const keep = (plan: RunPlan) => keepOptions(directory, { source, given, plan })
    // first of all, so that a run that is stopped while it reads can be resumed; an earlier run keeps its own until then
    if (!earlier) await keep(plan)
    // data that cannot be used leaves nothing behind
    const data = await dataStage(asked).catch(async error => {
      if (!signal?.aborted) {
        place.check()
        await rm(join(directory, 'data.partial'), { recursive: true, force: true })
        await place.undo()
      }
      throw error
    })
    await keep(plan)
    await writeJson(join(directory, 'environment.json'), describeEnvironment(plan.run.seed, data.value.hash))
    await keepTitles(asked, data)
    if (aside.length > 0)
      emit({
        type: 'message',
        stage: 'data',
        text: `Ignored, being options of parts that this run does not use now: ${aside.map(flagName).join(', ')}.`,
      })
    await describeRun(asked, data, until)
    const context = until === 'data' && !request.finish ? asked : { ...asked, plan: await tunePlan(asked, data) }
    await keep(context.plan)
    const result = await runStages(context, data, until, request.finish)
    await profiler?.write(directory)
    return { ...result, stages }
  } catch (error) {
    // what was taken away explains whatever else went wrong
    if (signal?.aborted) throw error
    place.check()
    throw explainRemoved(directory, error)
  } finally {
    plain?.close()
    place.release()
  }
}

/** @throws UsageError when a finished run would be replaced, with what differs */
function checkFinished(directory: string, earlier: KeptOptions, now: Pick<KeptOptions, 'source' | 'given'>): void {
  if (!existsSync(join(directory, 'metrics.json'))) return
  const names = new Set([...Object.keys(earlier.given), ...Object.keys(now.given)])
  const shown = (value: unknown) => (value === undefined ? 'the default' : JSON.stringify(value))
  const changes = [
    ...(resolve(earlier.source) === resolve(now.source) ? [] : [`the data (${earlier.source}, now ${now.source})`]),
    ...[...names]
      .filter(name => !isDeepStrictEqual(earlier.given[name], now.given[name]))
      .map(name => `${flagName(name)} (${shown(earlier.given[name])}, now ${shown(now.given[name])})`),
  ]
  if (changes.length > 0)
    throw new UsageError(
      `${directory} holds a finished run that differs in ${changes.join(', ')}: give a new --out, or --force to replace it`,
    )
}

/** @throws UsageError when a judge will be needed and cannot work */
export function checkJudges({ judge, judgeRuntime, audit, rerankJudge }: RunPlan, until: RunTarget): void {
  const audits = until === 'audit' || until === 'calibrate'
  if (!audits && until !== 'judge' && until !== 'evaluate') return
  const reranking = until === 'evaluate' && rerankJudge ? [rerankJudge] : []
  for (const { name, options, runtime } of [
    { ...judge, runtime: judgeRuntime },
    ...reranking,
    ...(audits ? audit.judges : []),
  ]) {
    const reason = judges.get(name).unsupportedReason?.(options, runtime)
    if (reason !== undefined) throw new UsageError(`judge "${name}": ${reason}`)
  }
}
