/** Adam over the parameters of a model. */
import type { AdamMoments, AdamStep, Kernels } from '../kernels/interface/kernels.ts'
import type { TouchedNodes } from '../kernels/rows.ts'
import type { Parameter } from '../models/model.ts'

export interface Optimizer {
  /** moments of each parameter, by its name */
  readonly moments: Readonly<Record<string, AdamMoments>>
  /**
   * Moves every parameter along its gradient; `step` counts from 1.
   * @param touched the nodes whose rows of sparse parameters move
   */
  apply(step: number, touched: TouchedNodes): void
  /** The step of a parameter, for kernels that move it themselves. */
  of(name: string, step: number): AdamStep
}

/**
 * β 0.9 and 0.999, ε 1e-8.
 * @source Kingma & Ba, "Adam", arXiv 1412.6980; differs for sparse parameters: rows without a gradient keep their value
 *   and their moments, which do not decay meanwhile, so that a step costs what its batch costs, whatever the catalogue
 */
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
    of: (name, step) => ({ moments: moments[name], settings, step }),
    apply(step, { rows, count, marks }) {
      for (const [name, { values, gradient, sparse }] of Object.entries(parameters)) {
        const some = sparse ? { rows: rows.subarray(0, count), columns: values.length / marks.length } : undefined
        kernels.adam(values, gradient, moments[name], settings, step, some)
      }
    },
  }
}
