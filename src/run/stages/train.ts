/** Stage `train-…`: an embedding model with one kind of negatives, from the original data or an enhanced one. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Enhanced } from '../../enhance/enhance.ts'
import { createValidation } from '../../evaluation/validation.ts'
import { writeJson } from '../../files.ts'
import type { Codes, CsrPattern } from '../../kernels/interface/kernels.ts'
import type { Embeddings } from '../../models/embeddings.ts'
import { models } from '../../models/index.ts'
import { loadEmbeddings, saveEmbeddings } from '../../models/model-file.ts'
import { objectives } from '../../objectives/index.ts'
import { checkpointFile, type EpochRecord } from '../../training/checkpoint.ts'
import type { Course } from '../../training/early-stopping.ts'
import { train } from '../../training/trainer.ts'
import type { Run, RunData } from '../context.ts'
import { BASE_STAGE } from '../method-names.ts'
import type { PartChoice } from '../options/plan.ts'
import { vectorRecency } from '../recency.ts'
import { showTraining } from '../shown.ts'
import { runStage, type StageResult } from '../stage.ts'
import { SCRATCH } from '../stage-folder.ts'
import { baseModelFor, baseModelInput } from './base-model.ts'
import { itemVectorsFor, itemVectorsInput } from './item-vectors.ts'
import { warmStartFor, warmStartInput } from './warm-start.ts'

const BASIS_TITLES = { refit: 'train + valid', final: 'all data' }

export interface TrainedModel extends Course {
  readonly embeddings: Embeddings
  readonly history: readonly EpochRecord[]
}

export interface TrainingTask {
  /** the stage's folder */
  readonly name: string
  readonly title: string
  readonly sampler: PartChoice
  /** what is trained on, when not the original train data */
  readonly enhanced?: Omit<Enhanced, 'added'>
  readonly codes?: { readonly structural: Codes; readonly semantic: Codes }
  /** what an earlier training's validation chose, and no validation; until validation stops getting better when absent */
  readonly course?: Course
  /** what to train on in place of train, once validation has chosen: `course` belongs to it */
  readonly basis?: Basis
  /** what validation masks, when not the original train data */
  readonly seen?: CsrPattern
  /** hashes of the stages behind `enhanced` and `codes` */
  readonly inputs?: Readonly<Record<string, string>>
}

/** Data that models are fitted on once more. */
export interface Basis {
  /** what is in it; begins the names of the stages' folders */
  readonly name: 'refit' | 'final'
  readonly dataset: Dataset
}

export async function trainStage(run: Run, data: RunData, task: TrainingTask): Promise<StageResult<TrainedModel>> {
  const { plan, kernels, signal } = run
  const { sampler, enhanced, codes, course, basis } = task
  const { valid } = data.value
  const original = basis?.dataset ?? data.value.train
  const training = { ...plan.training, ...(course && { epochs: course.bestEpoch }) }
  const { seed } = plan.run
  return runStage(run, {
    name: basis ? task.name.replace(/^train/, basis.name) : task.name,
    title: basis ? `${task.title} on ${BASIS_TITLES[basis.name]}` : task.title,
    format: 3,
    large: true,
    options: {
      ...{ seed, model: plan.model, objective: plan.objective, sampler, training },
      ...(course && course.drops.length > 0 && { drops: course.drops }),
    },
    // the data has all parts in its hash: what is used of them is the name
    inputs: {
      data: data.hash,
      ...task.inputs,
      ...(basis && { basis: basis.name }),
      ...(await itemVectorsInput(plan, 'initial', 'side')),
      ...(await warmStartInput(plan, task.name)),
      ...(await baseModelInput(plan, task.name)),
    },
    async compute(folder, report, key) {
      const given = await baseModelFor(plan, task.name, original)
      if (given) {
        await saveEmbeddings(join(folder, 'model.safetensors'), given, { model: 'given', best_epoch: '0' })
        return writeJson(join(folder, 'history.json'), { bestEpoch: 0, drops: [], history: [] })
      }
      const result = await train({
        kernels,
        ...{ train: original, ...enhanced },
        ...(codes && { codes }),
        model: { part: models.get(plan.model.name), options: plan.model.options },
        sampler: { part: sampler.name, options: sampler.options },
        objective: { part: objectives.get(plan.objective.name), options: plan.objective.options },
        initialItems: await itemVectorsFor(plan, 'initial', original, report),
        sideItems: await itemVectorsFor(plan, 'side', original, report),
        warmStart: await warmStartFor(
          ...([plan, task.name, original] as const),
          // once for all trainings of a run
          task.name === BASE_STAGE && !basis ? text => report.message(text) : undefined,
        ),
        options: training,
        course,
        seed,
        // what was observed is what cannot be recommended, whatever is trained on
        ...(!course && {
          validate: createValidation(kernels, { truth: valid, seen: task.seen ?? original.byUser, seed }),
        }),
        checkpoint: checkpointFile(join(folder, SCRATCH, 'checkpoint.safetensors'), key, text => report.message(text)),
        ...(signal && { signal }),
        progress: showTraining(report.progress),
      })
      const { embeddings, history, bestEpoch, drops } = result
      await saveEmbeddings(join(folder, 'model.safetensors'), embeddings, {
        model: plan.model.name,
        best_epoch: String(bestEpoch),
      })
      await writeJson(join(folder, 'history.json'), { bestEpoch, drops, history })
      report.earlierSeconds(result.earlierSeconds)
    },
    async load(folder) {
      const { bestEpoch, drops, history } = JSON.parse(await readFile(join(folder, 'history.json'), 'utf8'))
      return {
        embeddings: { ...(await loadEmbeddings(join(folder, 'model.safetensors'))), ...vectorRecency(plan) },
        ...{ history, bestEpoch, drops },
      }
    },
  })
}
