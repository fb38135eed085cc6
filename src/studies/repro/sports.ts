/**
 * The released configuration of DTL-NS on Sports beside our own pipeline. Theirs: their codes and enhanced set, one
 * model, evaluated under the strict mask and under theirs. Ours: a whole run, strict and released. Train alone is masked
 * at test, as in the figures that it is held against.
 */
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { withPositives } from '../../dataset/dataset.ts'
import { releasedSeen } from '../../evaluation/protocols.ts'
import { makeDirectory, sha256, writeAtomic } from '../../files.ts'
import { physicalCores } from '../../kernels/pool.ts'
import { createKernels } from '../../kernels/wasm.ts'
import type { Run, RunData } from '../../pipeline/context.ts'
import { openDirectory } from '../../pipeline/directory.ts'
import { type EvaluationResult, evaluateBaseline, evaluateTrained } from '../../pipeline/evaluate-stage.ts'
import { planRun, type RunPlan } from '../../pipeline/plan.ts'
import type { Mask } from '../../pipeline/released.ts'
import { type RunResult, run } from '../../pipeline/run.ts'
import { logEvents, type RunEvent, type StageResult } from '../../pipeline/stage.ts'
import { trainStage } from '../../pipeline/train-stage.ts'
import type { Given } from '../study.ts'
import { type Band, FACT_BANDS, FITTED_BANDS, isWithin, TRAINED_BANDS } from './bands.ts'
import { countFacts } from './facts.ts'
import { type ReleasedFiles, readReleasedFiles } from './released-files.ts'

export interface SportsRequest {
  /** directory with train, valid and test files */
  readonly source: string
  /** directory with their files; `released` in the source when absent */
  readonly released?: string
  /** made if it is not there */
  readonly directory: string
  /** of both runs; protocol and mask are set here */
  readonly given?: Given
  readonly signal?: AbortSignal
  readonly emit?: (event: RunEvent) => void
}

export interface Checked {
  readonly value: number
  readonly band?: Band
  /** whether the value lies in the band; true without one */
  readonly holds: boolean
}

export interface SportsReproduction {
  readonly dataHash: string
  readonly facts: Readonly<Record<string, Checked>>
  readonly rows: readonly {
    readonly name: string
    readonly protocol: 'strict' | 'released'
    readonly metrics: Readonly<Record<string, Checked>>
  }[]
  /** whether everything that has a band lies in it */
  readonly holds: boolean
}

/** @throws UsageError, DataError, OutputError or RunError as `run` does; whatever `signal` aborts with */
export async function reproduceSports(request: SportsRequest): Promise<SportsReproduction> {
  const place = await openDirectory(request.directory, true)
  try {
    return await reproduceInPlace(request)
  } finally {
    place.release()
  }
}

async function reproduceInPlace(request: SportsRequest): Promise<SportsReproduction> {
  const { source, directory, given, signal, emit = () => {} } = request
  const options = { ...given, protocol: ['strict', 'released'], maskAtTest: 'train' }
  const place = { source, directory: join(directory, 'ours'), options }
  // bad files are found before anything is trained
  const begun = await run({ ...place, until: 'data', emit, ...(signal && { signal }) })
  const { data } = begun
  const files = await readReleasedFiles(request.released ?? join(source, 'released'), data.value.train, signal)
  const theirs = await runReleased(request, begun, files)
  const ours = await run({ ...place, emit, ...(signal && { signal }) })

  const bands = { ...FITTED_BANDS, ...(isAsPublished(begun.plan) && TRAINED_BANDS) }
  const rows = [
    ...ours.metrics!.rows.map(({ method, protocol, metrics }) => ({
      name: protocol === 'released' ? `${method}, our judgements` : method,
      protocol,
      metrics,
    })),
    ...theirs,
  ].map(({ metrics, ...row }) => ({ ...row, metrics: checked(metrics, bands[row.name] ?? {}) }))
  const facts = checked(countFacts(files, data.value), FACT_BANDS)
  const holds = [facts, ...rows.map(row => row.metrics)].every(group => Object.values(group).every(one => one.holds))
  const reproduction = { dataHash: data.value.hash, facts, rows, holds }
  await writeAtomic(join(directory, 'repro.json'), `${JSON.stringify(reproduction, null, 2)}\n`)
  return reproduction
}

/** Whether models are trained with the settings that the figures are of: those of a run without options. */
function isAsPublished(plan: RunPlan): boolean {
  const settings = ({ model, objective, baseSampler, sampler, training }: RunPlan) => ({ model, objective, baseSampler, sampler, training }) // biome-ignore format: one line
  return isDeepStrictEqual(settings(plan), settings(planRun({})))
}

type Row = { name: string; protocol: 'strict' | 'released'; metrics: Readonly<Record<string, number>> }

/** One model of their files under both masks, and what their mask does to EASE, which it cannot change. */
async function runReleased(
  { directory, signal, emit = () => {} }: SportsRequest,
  { plan, data }: RunResult,
  files: ReleasedFiles,
): Promise<Row[]> {
  const folder = join(directory, 'theirs')
  await makeDirectory(folder)
  const kernels = createKernels({ threads: plan.run.threads || physicalCores() })
  const context: Run = {
    directory: folder,
    source: '',
    plan,
    kernels,
    emit: logEvents(folder, emit),
    ...(signal && { signal }),
  }
  try {
    const train = withPositives(data.value.train, files.judged)
    const mask = { seen: releasedSeen(data.value, files.judged), hash: sha256(JSON.stringify(files.judged)) }
    const model = await trainStage(context, data, {
      name: 'train-released-files',
      title: 'Training DTL-NS on the released codes and enhanced set',
      sampler: plan.sampler,
      codes: files.codes,
      enhanced: { train, forbidden: train.byUser },
      inputs: files.hashes,
    })
    const results: [string, Row['protocol'], StageResult<EvaluationResult>][] = [
      ['released files', 'strict', await evaluateTrained(context, data, 'released-files', model)],
      [
        'released files, released mask',
        'released',
        await evaluateTrained(context, data, 'released-files-masked', model, mask),
      ],
      ['ease, released mask', 'released', await evaluateEase(context, data, mask)],
    ]
    return results.map(([name, protocol, { value }]) => ({ name, protocol, metrics: value.metrics }))
  } finally {
    kernels.close()
  }
}

function evaluateEase(run: Run, data: RunData, mask: Mask): Promise<StageResult<EvaluationResult>> {
  const options = run.plan.baselines.find(({ name }) => name === 'ease')?.options ?? {}
  return evaluateBaseline(run, data, { name: 'ease', options }, mask)
}

function checked(
  values: Readonly<Record<string, number>>,
  bands: Readonly<Record<string, Band>>,
): Record<string, Checked> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const band = bands[name]
      return [name, { value, ...(band && { band }), holds: band === undefined || isWithin(value, band) }]
    }),
  )
}
