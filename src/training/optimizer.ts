/** Adam over the parameters of a model. */
import type { AdamMoments, Kernels } from '../kernels/kernels.ts'
import type { Parameter } from '../models/model.ts'

export interface Optimizer {
  /** moments of each parameter, by its name */
  readonly moments: Readonly<Record<string, AdamMoments>>
  /** Moves every parameter along its gradient; `step` counts from 1. */
  apply(step: number): void
}

/** β 0.9 and 0.999, ε 1e-8. @source Kingma & Ba, "Adam", arXiv 1412.6980 */
export function createAdam(
  parameters: Readonly<Record<string, Parameter>>,
  learningRate: number,
  kernels: Kernels,
): Optimizer {
  const settings = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
  const moments: Record<string, AdamMoments> = {}
  for (const [name, { values }] of Object.entries(parameters))
    moments[name] = { first: kernels.memory.floats(values.length), second: kernels.memory.floats(values.length) }
  return {
    moments,
    apply(step) {
      for (const [name, { values, gradient }] of Object.entries(parameters))
        kernels.adam(values, gradient, moments[name], settings, step)
    },
  }
}
