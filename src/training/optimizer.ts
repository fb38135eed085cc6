/** What moves the parameters of a model along their gradients: Adam, or row-wise AdaGrad for its vectors. */
import type { AdagradStep, AdamStep, Floats, Kernels } from '../kernels/interface/kernels.ts'
import type { TouchedNodes } from '../kernels/rows.ts'
import type { Parameter } from '../models/model.ts'
import type { TrainingOptions } from './options.ts'

export interface Optimizer {
  /** what the steps of a parameter remember, as `<parameter>.<array>` */
  readonly state: Readonly<Record<string, Floats>>
  /** of the steps from now on */
  setLearningRate(rate: number): void
  /**
   * Moves every parameter along its gradient; `step` counts from 1.
   * @param touched the nodes whose rows of sparse parameters move
   */
  apply(step: number, touched: TouchedNodes): void
  /** The step of a parameter, for kernels that move it themselves. */
  of(name: string, step: number): AdamStep | AdagradStep
}

type Parameters = Readonly<Record<string, Parameter>>

const EPSILON = 1e-8

/** @param nodes U + I, rows of the parameter `embeddings` */
export function createOptimizer(
  { optimizer, learningRate }: Pick<TrainingOptions, 'optimizer' | 'learningRate'>,
  parameters: Parameters,
  nodes: number,
  kernels: Kernels,
): Optimizer {
  return optimizer === 'adam'
    ? createAdam(parameters, learningRate, kernels)
    : createAdagrad(parameters, learningRate, nodes, kernels)
}

/**
 * β 0.9 and 0.999, ε 1e-8.
 * @source Kingma & Ba, "Adam", arXiv 1412.6980; differs for sparse parameters: rows without a gradient keep their value
 *   and their moments, which do not decay meanwhile, so that a step costs what its batch costs, whatever the catalogue
 */
export function createAdam(parameters: Parameters, learningRate: number, kernels: Kernels): Optimizer {
  const settings = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: EPSILON }
  const state: Record<string, Floats> = {}
  for (const [name, { values }] of Object.entries(parameters)) {
    state[`${name}.first`] = kernels.memory.floats(values.length)
    state[`${name}.second`] = kernels.memory.floats(values.length)
  }
  const momentsOf = (name: string) => ({ first: state[`${name}.first`], second: state[`${name}.second`] })
  return {
    state,
    setLearningRate(rate) {
      settings.learningRate = rate
    },
    of: (name, step) => ({ moments: momentsOf(name), settings, step }),
    apply(step, { rows, count, marks }) {
      for (const [name, { values, gradient, sparse }] of Object.entries(parameters)) {
        const some = sparse ? { rows: rows.subarray(0, count), columns: values.length / marks.length } : undefined
        kernels.adam(values, gradient, momentsOf(name), settings, step, some)
      }
    },
  }
}

/**
 * Remembers one number per vector in place of two per element. ε 1e-8.
 * @source Duchi et al., "Adaptive subgradient methods", JMLR 2011; row by row as in Mudigere et al., "Software-hardware
 *   co-design for fast and scalable training of deep learning recommendation models", ISCA 2022, arXiv 2104.05158; parameters that
 *   are no vectors of nodes stay with Adam
 */
function createAdagrad(
  { embeddings, ...others }: Parameters,
  learningRate: number,
  nodes: number,
  kernels: Kernels,
): Optimizer {
  const settings = { learningRate, epsilon: EPSILON }
  const sums = kernels.memory.floats(nodes)
  const adam = createAdam(others, learningRate, kernels)
  return {
    state: { 'embeddings.sums': sums, ...adam.state },
    setLearningRate(rate) {
      settings.learningRate = rate
      adam.setLearningRate(rate)
    },
    of: (name, step) => (name === 'embeddings' ? { sums, settings } : adam.of(name, step)),
    apply(step, touched) {
      const { values, gradient, sparse } = embeddings
      kernels.adagrad(values, gradient, sums, settings, sparse ? touched.rows.subarray(0, touched.count) : undefined)
      adam.apply(step, touched)
    },
  }
}
