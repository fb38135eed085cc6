/** The model that will be served: a row of a run, fitted once more on everything, as validation chose. */
import type { Dataset } from '../dataset/dataset.ts'
import { UsageError } from '../errors.ts'
import { everythingObserved } from '../evaluation/observed.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { physicalCores } from '../kernels/wasm/pool.ts'
import { createKernels } from '../kernels/wasm/wasm.ts'
import { baselines } from '../models/baselines/index.ts'
import { embeddingRecommender } from '../models/embeddings.ts'
import type { Recommender } from '../models/model.ts'
import { didYouMean } from '../nearest.ts'
import type { Run, RunData } from './context.ts'
import { openDirectory, readOptions } from './directory.ts'
import { finalMethod, type TrainedMethod, trainMethods } from './methods.ts'
import { planRun, type RunPlan, recallOptions } from './options/plan.ts'
import { checkJudges, type Prepared, prepare } from './run.ts'
import { logEvents, type RunEvent } from './stage.ts'
import { dataStage } from './stages/data.ts'
import { fusedRecommender } from './stages/fusion.ts'

export interface FitRequest {
  /** of a run; what of its trainings is not there yet is made */
  readonly directory: string
  /** a row of its table; that of DTL-NS, fused where the run fuses, when absent */
  readonly method?: string
  readonly signal?: AbortSignal
  readonly emit?: (event: RunEvent) => void
}

export interface FittedModel {
  readonly method: string
  readonly plan: RunPlan
  /** all that was observed: what the model is fitted on, the histories of its users, and what they are not recommended */
  readonly dataset: Dataset
  /** hash of the split that it was put together from */
  readonly dataHash: string
  /** Good for the scope of kernel memory in which it is made. A baseline is fitted now. */
  recommender(kernels: Kernels): Recommender
}

/**
 * Fits a row on train, valid and test together, with what validation chose: epochs, shares, judgements. Nothing can be measured with it.
 * @throws UsageError when the run has no such row, or its data is too much for the baseline; whatever `run` throws
 */
export async function fitFinal({ directory, method, signal, emit = () => {} }: FitRequest): Promise<FittedModel> {
  const { source, given } = await readOptions(directory)
  const plan = planRun(recallOptions(given, {}).given)
  const place = await openDirectory(directory, true)
  const kernels = createKernels({ threads: plan.run.threads || physicalCores() })
  try {
    const run: Run = { directory, source, plan, kernels, emit: logEvents(directory, emit), ...(signal && { signal }) }
    const data = await dataStage(run)
    return await fitRow(run, data, method ?? finalMethod(plan))
  } finally {
    kernels.close()
    place.release()
  }
}

async function fitRow(run: Run, data: RunData, name: string): Promise<FittedModel> {
  const { plan } = run
  const { seed } = plan.run
  const common = { method: name, plan, dataHash: data.value.hash }
  const baseline = baselines.parts.find(part => part.name === name)
  if (baseline) {
    const dataset = everythingObserved(data.value)
    const options = plan.baselines.find(own => own.name === name)?.options
    const obstacle = baseline.obstacle?.(dataset, options)
    if (obstacle !== undefined) throw new UsageError(obstacle)
    return { ...common, dataset, recommender: kernels => baseline.fit({ train: dataset, kernels, seed }, options) }
  }
  checkJudges(plan, 'evaluate')
  const trained = await trainMethods(run, data, (await prepare(run, data, 'evaluate')) as Required<Prepared>)
  const row = rowNamed(trained, name)
  // the last choice has been made
  const dataset = everythingObserved(data.value)
  const { embeddings } = (await row.retrain!({ name: 'final', dataset })).value
  const { fusion } = row
  return {
    ...common,
    dataset,
    recommender: kernels =>
      fusion
        ? fusedRecommender({ train: dataset, kernels, seed, embeddings, fusion: plan.fusion! }, fusion.value)
        : embeddingRecommender(embeddings, kernels, dataset),
  }
}

function rowNamed(trained: readonly TrainedMethod[], name: string): TrainedMethod {
  const rows = trained.filter(({ retrain }) => retrain)
  const found = rows.find(row => row.name === name)
  if (found) return found
  const known = [...rows.map(row => row.name), ...baselines.names]
  throw new UsageError(`there is no row "${name}" to fit: there are ${known.join(', ')}${didYouMean(name, known)}`)
}
