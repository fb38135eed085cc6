import type { TrainingOptions } from './options.ts'

/** What validation decided about a training; one on other data, without validation, repeats it. */
export interface Course {
  /** epoch of the best value; 0 before the first */
  readonly bestEpoch: number
  /** epochs after which the learning rate fell */
  readonly drops: readonly number[]
}

/** Remembers the best validation value and says when to give up. The state is plain data, so that it can be stored. */
export interface StoppingState extends Course {
  readonly best: number
  /** validations since, or since the last drop */
  readonly waited: number
}

export const STOPPING_START: StoppingState = { best: Number.NEGATIVE_INFINITY, bestEpoch: 0, waited: 0, drops: [] }

/**
 * The state after one more validation; a value must be larger than the best to count. After `patience` validations without improvement
 * the learning rate falls; once it has fallen `learningRateDrops` times, training ends.
 */
export function observe(
  state: StoppingState,
  epoch: number,
  value: number,
  { patience, learningRateDrops }: Pick<TrainingOptions, 'patience' | 'learningRateDrops'>,
): StoppingState {
  if (value > state.best) return { ...state, best: value, bestEpoch: epoch, waited: 0 }
  const waited = state.waited + 1
  return waited < patience || state.drops.length >= learningRateDrops
    ? { ...state, waited }
    : { ...state, waited: 0, drops: [...state.drops, epoch] }
}
