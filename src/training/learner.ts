/** All that a training changes, and the vectors of its best epoch: what a checkpoint keeps, and what comes out. */
import type { Floats } from '../kernels/interface/kernels.ts'
import type { Embeddings } from '../models/embeddings.ts'
import type { Propagated } from '../models/fold-in.ts'
import type { EmbeddingDefinition, EmbeddingModel } from '../models/model.ts'
import type { Sampler } from '../samplers/sampler.ts'
import type { TrainingState } from './checkpoint.ts'
import { STOPPING_START, type StoppingState } from './early-stopping.ts'
import type { Optimizer } from './optimizer.ts'
import type { OutsideUsers } from './outside-users.ts'
import type { FinalVectors } from './ranked.ts'
import { learnedParameters } from './step.ts'

/** Where a training begins that has no checkpoint. */
const START: Omit<TrainingState, 'tensors'> = { epoch: 0, step: 0, stopping: STOPPING_START, history: [], seconds: 0 }

/** All that a training changes. */
export interface Learner {
  readonly model: EmbeddingModel
  readonly sampler: Sampler
  readonly optimizer: Optimizer
  readonly outside?: OutsideUsers | undefined
  readonly vectors: FinalVectors
  readonly best: Best
}

/** What is ranked by, as it was in the best epoch; in ordinary memory. */
export interface Best {
  readonly userVectors: Float32Array
  readonly itemVectors: Float32Array
  /** parameters of the scorer, by name */
  readonly scorer: Readonly<Record<string, Float32Array>>
  readonly propagated?: Propagated
}

/** @param last whether the best epoch is the last one: users outside of kernel memory then need no copy */
export function createBest(
  { tables, propagated }: EmbeddingModel,
  { userVectors, itemVectors, outside }: FinalVectors,
  last: boolean,
): Best {
  const entries = Object.entries(tables.scorer?.parameters ?? {})
  // pages of zeros take no memory before they are written
  const ofUsers = () => new Float32Array(userVectors.length)
  const ofItems = () => new Float32Array(itemVectors.length)
  return {
    userVectors: outside && last ? (userVectors as Float32Array) : ofUsers(),
    itemVectors: ofItems(),
    scorer: Object.fromEntries(entries.map(([name, { values }]) => [name, new Float32Array(values.length)])),
    ...(propagated && { propagated: { users: ofUsers(), items: ofItems(), hops: tables.hops } }),
  }
}

export function keepBest(
  best: Best,
  { tables, propagated }: EmbeddingModel,
  { userVectors, itemVectors }: FinalVectors,
): void {
  if (best.userVectors !== userVectors) best.userVectors.set(userVectors)
  best.itemVectors.set(itemVectors)
  if (best.propagated) propagated?.(best.propagated)
  for (const [name, { values }] of Object.entries(tables.scorer?.parameters ?? {})) best.scorer[name].set(values)
}

/** Arrays of a training run by the name they have in a checkpoint. */
function arraysOf({ model, sampler, optimizer, outside, best }: Learner): Record<string, Floats | Int32Array> {
  const arrays: Record<string, Floats | Int32Array> = {
    'best.users': best.userVectors,
    'best.items': best.itemVectors,
    ...optimizer.state,
  }
  for (const [name, values] of Object.entries(best.scorer)) arrays[`best.${name}`] = values
  if (best.propagated)
    Object.assign(arrays, { 'propagated.users': best.propagated.users, 'propagated.items': best.propagated.items })
  for (const [name, { values }] of Object.entries(learnedParameters(model, sampler))) arrays[name] = values
  for (const [name, values] of Object.entries(outside?.arrays ?? {})) arrays[`users.${name}`] = values
  for (const [name, values] of Object.entries(sampler.state ?? {})) arrays[`sampler.${name}`] = values
  return arrays
}

/** What was reached before: a checkpoint's values go to where the learner has them. */
export function restore(saved: TrainingState | undefined, learner: Learner) {
  if (!saved) return START
  for (const [name, array] of Object.entries(arraysOf(learner))) array.set(saved.tensors[name].values)
  const { tensors: _, ...state } = saved
  // JSON has no −∞
  const stopping: StoppingState = { ...state.stopping, best: state.stopping.best ?? STOPPING_START.best }
  return { ...state, stopping }
}

/** All that a checkpoint holds of the learner. */
export function tensorsOf(learner: Learner): TrainingState['tensors'] {
  const entries = Object.entries(arraysOf(learner))
  return Object.fromEntries(entries.map(([name, array]) => [name, { shape: [array.length], values: array }]))
}

/** The vectors of the best epoch, and what ranking by them needs. */
export function embeddingsOf(best: Best, vectors: FinalVectors, definition: EmbeddingDefinition): Embeddings {
  const { users, items, dimensions } = vectors
  const { userVectors, itemVectors } = best
  return {
    ...{ users, items, dimensions, userVectors, itemVectors },
    ...(definition.scorer && { scorer: { model: definition.name, create: definition.scorer, values: best.scorer } }),
    ...(best.propagated && { propagated: best.propagated }),
  }
}
