/** Remembers the best validation value and says when to give up. The state is plain data, so that it can be stored. */
export interface StoppingState {
  readonly best: number
  /** epoch of the best value; 0 before the first */
  readonly bestEpoch: number
  /** validations since */
  readonly waited: number
}

export const STOPPING_START: StoppingState = { best: Number.NEGATIVE_INFINITY, bestEpoch: 0, waited: 0 }

/** The state after one more validation; a value must be larger than the best to count. */
export function observe(state: StoppingState, epoch: number, value: number): StoppingState {
  return value > state.best ? { best: value, bestEpoch: epoch, waited: 0 } : { ...state, waited: state.waited + 1 }
}
