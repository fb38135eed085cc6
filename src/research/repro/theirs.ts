/** A model of the released files for each seed, under both masks, and what their mask does to EASE, which it cannot change. */
import { withPositives } from '../../dataset/dataset.ts'
import { releasedSeen } from '../../evaluation/protocols.ts'
import { makeDirectory, sha256 } from '../../files.ts'
import { withKernels } from '../../kernels/wasm/wasm.ts'
import type { Run, RunData } from '../../run/context.ts'
import type { MetricsRow } from '../../run/metrics-file.ts'
import type { RunPlan } from '../../run/options/plan.ts'
import { runsBySeed } from '../../run/seeds.ts'
import { logEvents, type RunEvent, type StageResult } from '../../run/stage.ts'
import { evaluateBaseline, evaluateTrained } from '../../run/stages/evaluate.ts'
import { rowOf } from '../../run/stages/evaluate-methods.ts'
import { type TrainedModel, trainStage } from '../../run/stages/train.ts'
import type { ReleasedFiles } from './released-files.ts'

export const THEIRS = 'released files'
export const THEIRS_MASKED = 'released files, released mask'
export const EASE_MASKED = 'ease, released mask'

export interface TheirRequest {
  /** of the stages; made if it is not there */
  readonly folder: string
  readonly plan: RunPlan
  readonly data: RunData
  readonly files: ReleasedFiles
  readonly signal?: AbortSignal | undefined
  readonly emit: (event: RunEvent) => void
}

export async function runReleased({ folder, plan, data, files, signal, emit }: TheirRequest): Promise<MetricsRow[]> {
  await makeDirectory(folder)
  return withKernels(plan.run.threads, async kernels => {
    const first = {
      directory: folder,
      source: '',
      plan,
      kernels,
      emit: logEvents(folder, emit),
      ...(signal && { signal }),
    }
    const runs = runsBySeed(first)
    const trained: StageResult<TrainedModel>[] = []
    for (const run of runs) trained.push(await train(run, data, files))
    const mask = { seen: releasedSeen(data.value, files.judged), hash: sha256(JSON.stringify(files.judged)) }
    const rows: MetricsRow[] = []
    for (const [index, run] of runs.entries()) {
      const model = trained[index]
      const row = { run, options: {}, model }
      const strict = await evaluateTrained(data, { run, model, folder: 'released-files' })
      const masked = await evaluateTrained(data, { run, model, folder: 'released-files-masked', mask })
      rows.push(rowOf({ ...row, name: THEIRS, protocol: 'strict', variant: 'history train', result: strict }))
      rows.push(rowOf({ ...row, name: THEIRS_MASKED, protocol: 'released', variant: 'history train', result: masked }))
    }
    const ease = { name: 'ease', options: plan.baselines.find(({ name }) => name === 'ease')?.options ?? {} }
    const [result] = await evaluateBaseline(first, data, ease, undefined, mask)
    const masked = { name: EASE_MASKED, protocol: 'released', variant: 'history train' } as const
    rows.push(rowOf({ ...masked, run: first, options: ease.options, result }))
    return rows
  })
}

function train(run: Run, data: RunData, files: ReleasedFiles): Promise<StageResult<TrainedModel>> {
  const enhanced = withPositives(data.value.train, files.judged)
  return trainStage(run, data, {
    name: 'train-released-files',
    title: 'Training DTL-NS on the released codes and enhanced set',
    sampler: run.plan.sampler,
    codes: files.codes,
    enhanced: { train: enhanced, forbidden: enhanced.byUser },
    inputs: files.hashes,
  })
}
