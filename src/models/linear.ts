/** Dense layers of models and samplers: y = x W + b over rows, and the way back. */
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import { derive, randomStream } from '../random.ts'
import type { Parameter } from './model.ts'

export interface LinearShape {
  /** columns of x, a multiple of 4 */
  readonly inner: number
  /** columns of y, a multiple of 4 */
  readonly columns: number
  readonly bias?: boolean
  /** initial values are U(−bound, bound); 1/√inner when absent, as is usual for dense layers */
  readonly bound?: number
}

export interface Linear {
  /** weight [inner × columns] and, where there is one, bias [columns] */
  readonly parameters: Readonly<Record<string, Parameter>>
  /** y = x W + b, or y + x W + b; x is [rows × inner], y [rows × columns] */
  forward(x: Floats, y: Floats, accumulate?: boolean): void
  /** From ∂loss/∂y: adds to the gradients of the parameters, and to ∂loss/∂x where that is wanted. */
  backward(x: Floats, gradient: Floats, toX?: Floats): void
  /** Zeroes the gradients of the parameters. */
  clear(): void
}

/** @param name of the layer among those of one seed; begins the names of its parameters */
export function createLinear(kernels: Kernels, seed: number, name: string, shape: LinearShape): Linear {
  const { inner, columns, bias = false, bound = 1 / Math.sqrt(inner) } = shape
  const { memory } = kernels
  const random = randomStream(derive(seed, 'initial', name))
  const create = (length: number): Parameter => {
    const values = memory.floats(length)
    for (let at = 0; at < length; at++) values[at] = (2 * random.uniform() - 1) * bound
    return { values, gradient: memory.floats(length) }
  }
  const weight = create(inner * columns)
  const shift = bias ? create(columns) : undefined
  const turned = memory.floats(inner * columns)
  return {
    parameters: { [`${name}.weight`]: weight, ...(shift && { [`${name}.bias`]: shift }) },
    forward(x, y, accumulate = false) {
      const rows = x.length / inner
      kernels.multiply(x, weight.values, y, { rows, inner, columns, accumulate })
      if (!shift) return
      for (let at = 0; at < y.length; at += columns)
        for (let column = 0; column < columns; column++) y[at + column] += shift.values[column]
    },
    backward(x, gradient, toX) {
      const rows = x.length / inner
      kernels.multiply(x, gradient, weight.gradient, {
        ...{ rows: inner, inner: rows, columns, transposed: true, accumulate: true },
      })
      if (shift)
        for (let at = 0; at < gradient.length; at += columns)
          for (let column = 0; column < columns; column++) shift.gradient[column] += gradient[at + column]
      if (!toX) return
      kernels.transpose(weight.values, inner, columns, turned)
      kernels.multiply(gradient, turned, toX, { rows, inner: columns, columns: inner, accumulate: true })
    },
    clear() {
      weight.gradient.fill(0)
      shift?.gradient.fill(0)
    },
  }
}
