/** The bench of samplers from a data file and flat options, as a command has them. */
import { loadSplit } from '../../dataset/load.ts'
import { withKernels } from '../../kernels/wasm/wasm.ts'
import { models } from '../../models/index.ts'
import { objectives } from '../../objectives/index.ts'
import { planRun } from '../../run/options/plan-run.ts'
import { showAsStage } from '../../run/shown.ts'
import type { RunEvent } from '../../run/stage.ts'
import { samplers } from '../../samplers/index.ts'
import { benchAllSamplers } from './all-samplers.ts'
import type { SamplerFigures } from './sampler-bench.ts'

/** Epochs after which vectors tell hard from easy, when not given. */
const EPOCHS = 20

export interface SamplerBench {
  readonly source: string
  /** hash of the data */
  readonly data: string
  readonly seed: number
  readonly model: string
  readonly objective: string
  readonly epochs: number
  readonly figures: readonly SamplerFigures[]
}

export async function benchData(request: {
  readonly source: string
  /** options of a run by their keys */
  readonly given: Readonly<Record<string, unknown>>
  /** those of them that samplers know */
  readonly samplerOptions: Readonly<Record<string, unknown>>
  readonly batches: number
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
}): Promise<SamplerBench> {
  const { source, given, samplerOptions, batches, signal, emit } = request
  // every sampler is compared, so that an option of any of them has a use
  const plan = planRun({ epochs: EPOCHS, ...given, compare: samplers.names })
  const { split } = await loadSplit(source, plan.source, { signal })
  const title = 'Drawing negatives with every sampler'
  return withKernels(plan.run.threads, async kernels => {
    const figures = await showAsStage(emit, { stage: 'samplers', title }, progress =>
      benchAllSamplers({
        ...{ kernels, split, samplerOptions, batches, signal },
        model: { part: models.get(plan.model.name), options: plan.model.options },
        objective: { part: objectives.get(plan.objective.name), options: plan.objective.options },
        training: plan.training,
        trees: plan.trees,
        seed: plan.run.seed,
        progress: (detail, done, total) => progress(done, total, detail),
      }),
    )
    const names = { model: plan.model.name, objective: plan.objective.name }
    return { source, data: split.hash, seed: plan.run.seed, ...names, epochs: plan.training.epochs, figures }
  })
}
